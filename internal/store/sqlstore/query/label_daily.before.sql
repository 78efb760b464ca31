SELECT active FROM label_daily WHERE session = ? AND label_id = ? AND day < ? ORDER BY day DESC LIMIT 1
