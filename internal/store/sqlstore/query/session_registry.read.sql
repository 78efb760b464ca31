SELECT session, version, high_water, client, zone, imported_until FROM session_registry WHERE session IN (?) /*list*/
