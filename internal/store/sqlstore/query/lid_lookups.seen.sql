SELECT session, hidden, seen_at FROM lid_lookups WHERE /*keys hidden*/
