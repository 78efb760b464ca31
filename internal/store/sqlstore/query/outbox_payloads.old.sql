SELECT p.seq FROM outbox_payloads p
WHERE p.created_at < ? AND NOT EXISTS (
  SELECT 1 FROM deliveries d WHERE d.payload = p.seq AND (d.state = 0 OR d.settled_at IS NULL OR d.settled_at >= ?))
ORDER BY p.created_at LIMIT ?
