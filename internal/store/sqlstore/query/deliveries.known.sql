SELECT payload, destination FROM deliveries WHERE payload IN (?) /*list*/
