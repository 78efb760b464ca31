UPDATE deliveries SET owner = ?, lease_until = ? WHERE state = 0 AND lease_until <= ? AND seq IN (?) /*list*/
