INSERT INTO reconcile_agreements (session, label_id, read_at)
VALUES (?, ?, ?) /*rows*/
/*upsert session, label_id: read_at*/
