SELECT session, client, cs_name, zone, wanted_view FROM session_registry
