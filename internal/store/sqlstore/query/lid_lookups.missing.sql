SELECT session, nomor_lead, MIN(at) FROM (
  SELECT e.session, e.nomor_lead, e.timestamp_unix AS at FROM label_events e
  WHERE e.nomor_lead LIKE '%@lid' AND e.source <> 'label_deleted'
  UNION ALL
  SELECT c.session, c.nomor_lead, COALESCE(c.first_in_at, c.first_out_at, 1) FROM chats c WHERE c.nomor_lead LIKE '%@lid'
) unresolved
WHERE NOT EXISTS (SELECT 1 FROM lid_lookups l WHERE l.session = unresolved.session AND l.hidden = unresolved.nomor_lead)
GROUP BY session, nomor_lead
