DELETE FROM import_problems WHERE session = ? AND table_name = ? AND seen_at < ?
