SELECT /*! STRAIGHT_JOIN */ d.seq, d.destination, d.attempts, d.created_at, p.event_id, p.session, p.event, p.at, p.url, p.headers, p.body
FROM deliveries d JOIN outbox_payloads p ON p.seq = d.payload
WHERE d.state = 0 AND d.owner = ? AND d.lease_until = ? AND d.seq IN (?) /*list*/
