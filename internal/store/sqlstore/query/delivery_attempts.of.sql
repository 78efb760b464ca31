SELECT n, at, duration_ms, status, answer, error FROM delivery_attempts WHERE delivery = ? ORDER BY at, n
