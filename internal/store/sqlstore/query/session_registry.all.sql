SELECT session FROM session_registry UNION SELECT DISTINCT session FROM label_events UNION SELECT DISTINCT session FROM label_spans
