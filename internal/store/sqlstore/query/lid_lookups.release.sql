UPDATE lid_lookups SET claimed_by = '', claimed_until = 0 WHERE claimed_by = ? AND (? = '' OR session = ?)
