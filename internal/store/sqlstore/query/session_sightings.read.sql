SELECT session, kind, value, first_at, last_at FROM session_sightings WHERE session IN (?) /*list*/
