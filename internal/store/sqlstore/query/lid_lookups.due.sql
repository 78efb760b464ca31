SELECT hidden FROM lid_lookups
WHERE session = ? AND gave_up_at = 0 AND next_at <= ? AND claimed_until <= ?
ORDER BY next_at, hidden
LIMIT ?
