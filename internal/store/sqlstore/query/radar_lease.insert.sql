INSERT INTO radar_lease (name, owner, expires_at) VALUES (?, ?, ?)
