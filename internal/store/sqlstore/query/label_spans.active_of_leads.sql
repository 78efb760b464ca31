SELECT session, nomor_lead, label_id, started_at, start_unknown, ambiguous, chat_id, klien, nomor_cs
FROM label_spans /*index PRIMARY*/
WHERE (/*keys nomor_lead*/) AND +ended_at IS NULL
