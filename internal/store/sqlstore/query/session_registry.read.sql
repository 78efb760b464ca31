SELECT session, version, client, zone FROM session_registry WHERE session IN (?) /*list*/
