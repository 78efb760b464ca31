INSERT INTO import_links (import_id, event_id, session, linked_at)
VALUES (?, ?, ?, ?) /*rows*/
