UPDATE label_events SET nomor_lead = ? WHERE event_id IN (?) /*list*/
