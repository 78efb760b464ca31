SELECT event_id, timestamp_unix, klien, nomor_cs, nomor_lead, label_id, label_name, status, session, chat_id, source, not_before, start_unknown, received_at
FROM label_events
WHERE timestamp_unix >= ? AND timestamp_unix < ? AND source = 'snapshot' AND start_unknown = 0 AND (session = ? OR ? = '')
ORDER BY timestamp_unix DESC, event_id LIMIT ?
