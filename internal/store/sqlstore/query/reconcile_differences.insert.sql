INSERT INTO reconcile_differences (session, nomor_lead, label_id, status, chat_id, first_at, noted_at, not_before, start_unknown, base_at, base_id)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) /*rows*/
/*upsert session, nomor_lead, label_id: first_at + 0*/
