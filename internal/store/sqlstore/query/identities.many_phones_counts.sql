SELECT session, COUNT(*) FROM (SELECT session, hidden FROM identities GROUP BY session, hidden HAVING COUNT(*) > 1) several GROUP BY session
