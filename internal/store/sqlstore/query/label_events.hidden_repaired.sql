SELECT DISTINCT nomor_lead FROM label_events
WHERE session = ? AND source = 'snapshot' AND nomor_lead LIKE '%@lid'
ORDER BY nomor_lead
