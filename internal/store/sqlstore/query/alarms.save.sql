UPDATE alarms SET open_key = ?, cleared_at = ?, since = ?, changed_at = ?, revision = ?, told = ?, told_at = ?, flaps = ?, restarts = ?, restarted_at = ?, detail = ?
WHERE id = ? AND changed_at = ?
