SELECT event_id, seq FROM outbox_payloads WHERE event_id IN (?) /*list*/
