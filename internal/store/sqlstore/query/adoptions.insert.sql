INSERT INTO adoptions (session, view_name, before_name, collations, state, changed_at)
VALUES (?, ?, ?, ?, ?, ?) /*rows*/
/*upsert session: view_name, before_name, collations, state, changed_at*/
