SELECT event_id, timestamp_unix, nomor_lead, start_unknown
FROM label_events /*index label_events_time*/
WHERE session = ? AND source = 'webhook' AND status = 'add_label' AND timestamp_unix >= ? AND timestamp_unix < ?
