SELECT seq, size_bytes FROM deliveries
WHERE state = 0 AND destination = ? AND next_at <= ? AND lease_until <= ?
ORDER BY next_at, created_at LIMIT ?
