SELECT name, kind, since, opened_at, open_until, probes, last_error FROM delivery_destinations ORDER BY name
