DELETE FROM delivery_attempts WHERE delivery IN (?) /*list*/
