SELECT session, hour, events, minutes FROM session_hours WHERE hour >= ? ORDER BY session, hour
