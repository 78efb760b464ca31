SELECT view_name FROM session_registry WHERE session = ?
