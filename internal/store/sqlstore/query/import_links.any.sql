SELECT import_id FROM import_links WHERE session = ? LIMIT 1
