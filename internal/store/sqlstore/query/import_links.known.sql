SELECT import_id FROM import_links WHERE import_id IN (?) /*list*/
