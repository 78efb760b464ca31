INSERT INTO reconcile_statuses (session, kind, at)
VALUES (?, ?, ?) /*rows*/
/*upsert session, kind, at: kind*/
