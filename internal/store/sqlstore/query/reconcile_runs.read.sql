SELECT run_id, session, reason, engine, started_at, finished_at, labels, chats, differences, repaired, still_open, error
FROM reconcile_runs WHERE session = ? OR ? = ''
ORDER BY started_at DESC, run_id LIMIT ?
