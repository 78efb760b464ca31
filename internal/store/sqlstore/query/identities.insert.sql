INSERT INTO identities (session, hidden, phone, first_at, last_at)
VALUES (?, ?, ?, ?, ?) /*rows*/
/*upsert session, hidden, phone: first_at, last_at*/
