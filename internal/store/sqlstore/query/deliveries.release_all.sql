UPDATE deliveries SET owner = '', lease_until = 0 WHERE state = 0 AND owner LIKE ? AND owner <> ? AND seq IN (?) /*list*/
