SELECT event_id, timestamp_unix, klien, nomor_cs, nomor_lead, label_id, label_name, status, session, chat_id,
  source, not_before, start_unknown, received_at
FROM label_events
WHERE session = ? AND timestamp_unix IN (?) /*list*/
