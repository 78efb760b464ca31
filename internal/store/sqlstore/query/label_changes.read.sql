SELECT event_id, session, label_id, kind, at, name, color, received_at FROM label_changes WHERE /*keys label_id*/
