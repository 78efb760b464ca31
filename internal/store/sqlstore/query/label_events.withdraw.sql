DELETE FROM label_events WHERE source = 'label_deleted' AND event_id IN (?) /*list*/
