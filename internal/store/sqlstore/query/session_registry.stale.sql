UPDATE session_registry SET stale = ? WHERE session = ?
