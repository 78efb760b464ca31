SELECT session, COUNT(*), SUM(CASE WHEN gave_up_at > 0 THEN 1 ELSE 0 END), MIN(seen_at) FROM lid_lookups GROUP BY session
