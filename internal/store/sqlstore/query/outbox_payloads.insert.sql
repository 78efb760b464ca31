INSERT INTO outbox_payloads (event_id, session, event, at, url, headers, body, created_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?) /*rows*/
