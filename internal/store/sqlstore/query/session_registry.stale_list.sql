SELECT session FROM session_registry WHERE stale = 1 ORDER BY session
