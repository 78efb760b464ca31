UPDATE lid_lookups SET asked = asked + 1, first_asked_at = CASE WHEN first_asked_at = 0 THEN ? ELSE first_asked_at END, last_asked_at = ?,
  next_at = ?, gave_up_at = ?, claimed_by = '', claimed_until = 0
WHERE session = ? AND hidden IN (?) /*list*/
