SELECT event_id, timestamp_unix, klien, nomor_cs, nomor_lead, label_id, label_name, status, session, chat_id,
  source, not_before, start_unknown, received_at
FROM label_events
WHERE timestamp_unix >= ? AND timestamp_unix < ? AND (timestamp_unix > ? OR event_id > ?) AND (? = '' OR session = ?)
ORDER BY timestamp_unix, event_id
LIMIT ?
