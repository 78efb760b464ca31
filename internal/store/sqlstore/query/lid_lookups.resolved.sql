DELETE FROM lid_lookups WHERE session = ? AND hidden IN (?) /*list*/
