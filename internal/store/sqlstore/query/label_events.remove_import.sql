DELETE FROM label_events WHERE source = 'import' AND event_id IN (?) /*list*/
