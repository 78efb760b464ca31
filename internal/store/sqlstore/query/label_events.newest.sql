SELECT COALESCE(MAX(timestamp_unix), 0) FROM label_events WHERE session = ?
