SELECT e.session,
  SUM(CASE WHEN e.source <> 'snapshot' AND e.received_at - e.timestamp_unix <= ? THEN 1 ELSE 0 END),
  SUM(CASE WHEN e.source <> 'snapshot' AND e.received_at - e.timestamp_unix > ? THEN 1 ELSE 0 END),
  SUM(CASE WHEN e.source = 'snapshot' THEN 1 ELSE 0 END)
FROM label_events e
WHERE e.timestamp_unix >= ? AND e.timestamp_unix < ? AND e.source IN ('webhook', 'snapshot', 'label_deleted') AND e.start_unknown = 0
  AND EXISTS (
    SELECT 1 FROM label_spans s
    WHERE s.session = e.session AND s.nomor_lead = e.nomor_lead AND s.label_id = e.label_id
      AND e.timestamp_unix = CASE e.status WHEN 'add_label' THEN s.started_at ELSE s.ended_at END)
GROUP BY e.session
ORDER BY e.session
