UPDATE migration_lease SET owner = ?, expires_at = ? WHERE name = 'migrate' AND (owner = ? OR expires_at < ?)
