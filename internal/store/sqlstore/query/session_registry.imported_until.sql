UPDATE session_registry SET imported_until = ? WHERE session = ? AND imported_until < ?
