INSERT INTO import_problems (problem_id, session, table_name, reason, row_text, found_at, seen_at)
VALUES (?, ?, ?, ?, ?, ?, ?) /*rows*/
/*upsert problem_id: session, table_name, reason, row_text, seen_at*/
