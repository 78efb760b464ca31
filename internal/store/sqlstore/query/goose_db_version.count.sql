SELECT COUNT(*) FROM goose_db_version
