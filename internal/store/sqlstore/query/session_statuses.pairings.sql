SELECT w.at FROM session_statuses w
WHERE w.session = ? AND w.kind = 'working' AND w.at >= ? AND w.at < ?
  AND EXISTS (SELECT 1 FROM session_statuses q
    WHERE q.session = w.session AND q.kind = 'scan' AND q.at <= w.at
      AND q.at > COALESCE((SELECT MAX(p.at) FROM session_statuses p WHERE p.session = w.session AND p.kind = 'working' AND p.at < w.at), -1))
