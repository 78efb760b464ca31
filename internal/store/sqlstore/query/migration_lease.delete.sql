DELETE FROM migration_lease WHERE name = 'migrate' AND owner = ?
