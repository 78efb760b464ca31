SELECT source, started_at, updated_at, finished_at, rows_read, imported, known, linked, problems FROM imports WHERE session = ? AND table_name = ?
