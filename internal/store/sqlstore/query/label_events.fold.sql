SELECT event_id, timestamp_unix, klien, nomor_cs, nomor_lead, label_id, label_name, status, chat_id, source, start_unknown, received_at
FROM label_events /*index label_events_lead*/
WHERE /*keys nomor_lead*/
