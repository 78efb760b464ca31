UPDATE session_registry SET view_name = ?, view_note = ? WHERE session = ?
