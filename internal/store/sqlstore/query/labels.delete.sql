DELETE FROM labels WHERE session = ? AND label_id = ?
