INSERT INTO imports (session, table_name, source, started_at, updated_at, finished_at, rows_read, imported, known, linked, problems)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) /*rows*/
/*upsert session, table_name: source, started_at, updated_at, finished_at, rows_read, imported, known, linked, problems*/
