SELECT r.session, COALESCE(o.client, r.session), r.cs_name, COALESCE(o.nomor_cs, ''), r.zone, r.view_name, r.view_note, r.status, r.status_at
FROM session_registry r
LEFT JOIN sessions o ON o.session = r.session AND o.valid_to IS NULL
ORDER BY r.session
