INSERT INTO label_changes (event_id, session, label_id, kind, at, name, color, received_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?) /*rows*/
/*upsert event_id: session, label_id, kind, at, name, color*/
