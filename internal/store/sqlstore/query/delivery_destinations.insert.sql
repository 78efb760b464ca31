INSERT INTO delivery_destinations (name, kind, since, opened_at, open_until, probes, last_error)
VALUES (?, ?, ?, 0, 0, 0, '') /*rows*/
/*upsert name: kind*/
