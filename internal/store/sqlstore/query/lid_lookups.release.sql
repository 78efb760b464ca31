UPDATE lid_lookups SET claimed_by = '', claimed_until = 0 WHERE session = ? AND claimed_by = ?
