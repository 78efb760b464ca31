SELECT session, hidden, seen_at, first_asked_at, last_asked_at, asked, next_at, gave_up_at FROM lid_lookups
WHERE session = ? AND claimed_by = ? AND claimed_until = ? AND hidden IN (?) /*list*/
