SELECT event_id FROM label_events WHERE event_id IN (?) /*list*/
