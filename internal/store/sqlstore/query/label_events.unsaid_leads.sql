SELECT DISTINCT nomor_lead FROM label_events WHERE session = ? AND said_cs = ''
