SELECT COALESCE(MAX(timestamp_unix), 0) FROM label_events WHERE session = ? AND label_id = ? AND status = 'add_label' AND source = 'webhook'
