SELECT label_id, missing, name, color, noted_at FROM label_notes WHERE session = ?
