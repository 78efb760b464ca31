SELECT problem_id, reason, row_text, found_at FROM import_problems WHERE session = ? AND table_name = ? ORDER BY found_at, problem_id LIMIT ?
