SELECT destination, COUNT(*), MIN(created_at), MIN(next_at) FROM deliveries WHERE state = ? GROUP BY destination
