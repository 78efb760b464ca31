INSERT INTO label_spans (session, nomor_lead, label_id, started_at, ended_at, start_unknown, ambiguous, chat_id, klien, nomor_cs)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) /*rows*/
/*upsert session, nomor_lead, label_id, started_at: ended_at, start_unknown, ambiguous, chat_id, klien, nomor_cs*/
