SELECT COALESCE(MIN(CASE WHEN claimed_until > next_at THEN claimed_until ELSE next_at END), 0) FROM lid_lookups
WHERE gave_up_at = 0 AND (next_at > ? OR claimed_until > ?)
