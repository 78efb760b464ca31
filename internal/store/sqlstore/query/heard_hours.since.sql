SELECT hour, minutes FROM heard_hours WHERE hour >= ? ORDER BY hour
