SELECT nomor_lead, label_id, started_at, start_unknown, ambiguous, chat_id, klien, nomor_cs
FROM label_spans WHERE session = ? AND ended_at IS NULL
