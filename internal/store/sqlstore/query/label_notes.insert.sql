INSERT INTO label_notes (session, label_id, missing, name, color, noted_at)
VALUES (?, ?, ?, ?, ?, ?) /*rows*/
/*upsert session, label_id: missing, name, color, noted_at*/
