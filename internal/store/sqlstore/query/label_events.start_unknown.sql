UPDATE label_events SET start_unknown = ? WHERE event_id IN (?) /*list*/
