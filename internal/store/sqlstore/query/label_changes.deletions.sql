SELECT event_id, session, label_id, at, received_at FROM label_changes WHERE session IN (?) /*list*/ AND kind = 'deleted'
