SELECT COALESCE(MAX(last_at), 0) FROM session_sightings WHERE session = ? AND kind = 'paired'
