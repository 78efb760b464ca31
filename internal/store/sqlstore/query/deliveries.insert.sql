INSERT INTO deliveries (payload, destination, state, attempts, next_at, created_at, settled_at, owner, lease_until, size_bytes)
VALUES (?, ?, 0, 0, ?, ?, NULL, '', 0, ?) /*rows*/
