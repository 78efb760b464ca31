DELETE FROM deliveries WHERE state <> 1 AND seq IN (?) /*list*/
