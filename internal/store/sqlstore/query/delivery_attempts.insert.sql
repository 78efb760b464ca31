INSERT INTO delivery_attempts (delivery, n, at, duration_ms, status, answer, error)
VALUES (?, ?, ?, ?, ?, ?, ?) /*rows*/
/*upsert delivery, n, at: status*/
