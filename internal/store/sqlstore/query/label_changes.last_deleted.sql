SELECT label_id, MAX(at) FROM label_changes WHERE session = ? AND kind = 'deleted' GROUP BY label_id
