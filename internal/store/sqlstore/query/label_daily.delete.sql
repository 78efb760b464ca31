DELETE FROM label_daily WHERE session = ? AND label_id = ? AND day = ?
