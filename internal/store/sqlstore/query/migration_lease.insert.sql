INSERT INTO migration_lease (name, owner, expires_at) VALUES ('migrate', ?, ?)
