DELETE FROM reconcile_runs WHERE started_at < ?
