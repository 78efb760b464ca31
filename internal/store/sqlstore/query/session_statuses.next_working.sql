SELECT COALESCE(MIN(at), 0) FROM session_statuses WHERE session = ? AND kind = 'working' AND at > ?
