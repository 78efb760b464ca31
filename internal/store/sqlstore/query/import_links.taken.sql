SELECT event_id FROM import_links WHERE event_id IN (?) /*list*/
