SELECT nomor_lead, label_id, timestamp_unix, event_id, received_at
FROM label_events /*! FORCE INDEX (label_events_lead) */
WHERE /*keys nomor_lead*/
