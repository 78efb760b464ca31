SELECT session, wanted_view, view_name, view_note FROM session_registry ORDER BY session
