UPDATE label_events SET label_name = ?
WHERE session = ? AND label_id = ? AND status = ? AND timestamp_unix >= ? AND timestamp_unix < ? AND said_name = ''
