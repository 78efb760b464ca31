SELECT /*! STRAIGHT_JOIN */ d.seq, d.destination, d.state, d.attempts, d.created_at, d.next_at, COALESCE(d.settled_at, 0), p.event_id, p.session, p.event
FROM deliveries d JOIN outbox_payloads p ON p.seq = d.payload
WHERE d.state = ? AND (? = '' OR d.destination = ?) AND d.seq > ?
ORDER BY d.seq LIMIT ?
