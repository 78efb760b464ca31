INSERT INTO label_sightings (session, label_id, value_id, name, color, first_at, last_at)
VALUES (?, ?, ?, ?, ?, ?, ?) /*rows*/
/*upsert session, label_id, value_id: first_at, last_at*/
