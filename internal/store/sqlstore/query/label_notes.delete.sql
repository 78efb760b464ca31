DELETE FROM label_notes WHERE session = ? AND label_id IN (?) /*list*/
