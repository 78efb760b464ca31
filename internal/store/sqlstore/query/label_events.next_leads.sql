SELECT DISTINCT nomor_lead FROM label_events WHERE session = ? AND nomor_lead > ? ORDER BY nomor_lead LIMIT ?
