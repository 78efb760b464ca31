SELECT label_id, name, color, valid_from FROM labels WHERE session = ? AND valid_to IS NULL
