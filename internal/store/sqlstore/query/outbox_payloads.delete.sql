DELETE FROM outbox_payloads WHERE seq IN (?) /*list*/
