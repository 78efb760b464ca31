SELECT a.delivery, a.n, a.at, a.duration_ms, a.status, a.answer, a.error FROM delivery_attempts a
WHERE a.delivery IN (?) /*list*/
ORDER BY a.delivery, a.at, a.n
