SELECT DISTINCT nomor_lead FROM label_spans WHERE session = ? AND nomor_lead > ? ORDER BY nomor_lead LIMIT ?
