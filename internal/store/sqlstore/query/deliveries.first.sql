SELECT seq, owner FROM deliveries WHERE state = 0 AND destination = ? ORDER BY next_at, created_at LIMIT ?
