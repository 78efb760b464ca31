UPDATE lid_lookups SET claimed_by = ?, claimed_until = ?
WHERE session = ? AND gave_up_at = 0 AND next_at <= ? AND claimed_until <= ? AND hidden IN (?) /*list*/
