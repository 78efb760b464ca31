SELECT hidden, phone, first_at, last_at FROM identities WHERE session = ?
