SELECT session, version, high_water, client, zone FROM session_registry WHERE session IN (?) /*list*/
