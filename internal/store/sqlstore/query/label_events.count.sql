SELECT COUNT(*) FROM label_events
