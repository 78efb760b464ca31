UPDATE deliveries SET state = 0, attempts = 0, next_at = ?, settled_at = NULL
WHERE state <> 1 AND lease_until <= ? AND seq IN (?) /*list*/
