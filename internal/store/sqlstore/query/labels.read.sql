SELECT label_id, valid_from, valid_to, name, color FROM labels WHERE session = ? ORDER BY label_id, valid_from
