SELECT label_id, started_at, ended_at, start_unknown FROM label_spans WHERE session = ?
