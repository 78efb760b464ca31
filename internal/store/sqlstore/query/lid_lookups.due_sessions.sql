SELECT DISTINCT session FROM lid_lookups WHERE gave_up_at = 0 AND next_at <= ? AND claimed_until <= ?
