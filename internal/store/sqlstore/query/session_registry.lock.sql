INSERT INTO session_registry (session, version, high_water, client, cs_name, zone, wanted_view, view_name, view_note, status, status_at)
VALUES (?, 1, 0, '', '', ?, '', '', '', '', 0) /*rows*/
/*upsert session: version + 1*/
