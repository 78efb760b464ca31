INSERT INTO label_event_changes (event_id, changed_at, column_name, old_value, new_value, reason)
VALUES (?, ?, ?, ?, ?, ?) /*rows*/
/*upsert event_id, changed_at, column_name: new_value, reason*/
