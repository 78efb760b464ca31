INSERT INTO lid_lookups (session, hidden, seen_at, first_asked_at, last_asked_at, asked, next_at, gave_up_at, claimed_by, claimed_until)
VALUES (?, ?, ?, 0, 0, 0, 0, 0, '', 0) /*rows*/
/*upsert session, hidden: seen_at*/
