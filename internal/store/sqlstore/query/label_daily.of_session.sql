SELECT label_id, day, added, found, removed, active FROM label_daily WHERE session = ?
