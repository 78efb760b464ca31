SELECT session, hidden, phone, first_at, last_at FROM identities WHERE /*keys phone*/
