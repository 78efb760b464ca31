UPDATE deliveries SET state = ?, attempts = ?, next_at = ?, settled_at = ?, owner = '', lease_until = 0
WHERE seq = ? AND state = 0 AND owner = ?
