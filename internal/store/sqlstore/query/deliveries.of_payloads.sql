SELECT seq FROM deliveries WHERE payload IN (?) /*list*/
