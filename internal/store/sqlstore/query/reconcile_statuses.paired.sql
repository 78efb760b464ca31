SELECT COALESCE(
  (SELECT MIN(w.at) FROM reconcile_statuses w WHERE w.session = ? AND w.kind = 'working'
    AND w.at >= (SELECT MAX(q.at) FROM reconcile_statuses q WHERE q.session = w.session AND q.kind = 'scan')),
  (SELECT MAX(s.at) FROM reconcile_statuses s WHERE s.session = ? AND s.kind = 'scan'), 0)
