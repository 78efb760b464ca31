INSERT INTO reconcile_runs (run_id, session, reason, engine, started_at, finished_at, labels, chats, differences, repaired, still_open, error)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) /*rows*/
/*upsert run_id: finished_at, labels, chats, differences, repaired, still_open, error*/
