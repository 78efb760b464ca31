DELETE FROM session_hours WHERE hour < ?
