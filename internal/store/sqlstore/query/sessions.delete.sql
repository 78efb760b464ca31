DELETE FROM sessions WHERE session = ?
