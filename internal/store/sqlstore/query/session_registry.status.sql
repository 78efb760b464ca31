UPDATE session_registry SET status = ?, status_at = ? WHERE session = ? AND status_at <= ?
