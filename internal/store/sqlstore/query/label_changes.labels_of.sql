SELECT session, label_id FROM label_changes WHERE event_id IN (?) /*list*/
