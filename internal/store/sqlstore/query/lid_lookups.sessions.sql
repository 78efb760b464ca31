SELECT session FROM lid_lookups UNION SELECT session FROM identities
