DELETE FROM label_spans WHERE session = ? AND nomor_lead = ? AND label_id = ? AND started_at = ?
