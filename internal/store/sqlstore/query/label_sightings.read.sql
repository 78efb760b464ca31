SELECT session, label_id, name, color, first_at, last_at FROM label_sightings WHERE /*keys label_id*/
