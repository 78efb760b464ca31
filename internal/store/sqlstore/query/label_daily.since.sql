SELECT day, added, found, removed, active FROM label_daily WHERE session = ? AND label_id = ? AND day >= ?
