UPDATE deliveries SET state = 1, attempts = attempts + 1, settled_at = ?, owner = '', lease_until = 0
WHERE state <> 1 AND seq IN (?) /*list*/
