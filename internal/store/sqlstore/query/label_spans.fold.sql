SELECT nomor_lead, label_id, started_at, ended_at, start_unknown, ambiguous, chat_id, klien, nomor_cs
FROM label_spans /*index PRIMARY*/
WHERE /*keys nomor_lead*/
