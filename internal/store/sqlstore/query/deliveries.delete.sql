DELETE FROM deliveries WHERE payload IN (?) /*list*/
