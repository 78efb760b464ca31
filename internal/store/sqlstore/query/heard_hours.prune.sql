DELETE FROM heard_hours WHERE hour < ?
