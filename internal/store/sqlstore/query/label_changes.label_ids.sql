SELECT label_id FROM label_changes WHERE session = ? UNION SELECT label_id FROM label_sightings WHERE session = ?
