SELECT session, label_id, day, added, found, removed, active FROM label_daily WHERE (/*keys label_id*/) AND day >= ?
