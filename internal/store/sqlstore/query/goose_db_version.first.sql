INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1)
