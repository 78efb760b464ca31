INSERT INTO session_sightings (session, kind, value, first_at, last_at)
VALUES (?, ?, ?, ?, ?) /*rows*/
/*upsert session, kind, value: first_at, last_at*/
