SELECT nomor_lead FROM label_spans WHERE ended_at IS NULL AND session = ? AND label_id = ? AND started_at <= ?
UNION
SELECT nomor_lead FROM label_spans WHERE session = ? AND label_id = ? AND ended_at >= ? AND started_at <= ?
