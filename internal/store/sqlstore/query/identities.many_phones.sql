SELECT session, hidden FROM identities GROUP BY session, hidden HAVING COUNT(*) > 1 ORDER BY session, hidden LIMIT ?
