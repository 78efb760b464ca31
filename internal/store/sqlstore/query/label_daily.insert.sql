INSERT INTO label_daily (session, label_id, day, added, found, removed, active)
VALUES (?, ?, ?, ?, ?, ?, ?) /*rows*/
/*upsert session, label_id, day: added, found, removed, active*/
