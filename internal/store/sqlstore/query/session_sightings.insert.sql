INSERT INTO session_sightings (session, kind, value_id, value, first_at, last_at)
VALUES (?, ?, ?, ?, ?, ?) /*rows*/
/*upsert session, kind, value_id: first_at, last_at*/
