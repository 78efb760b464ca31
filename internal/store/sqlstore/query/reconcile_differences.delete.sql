DELETE FROM reconcile_differences WHERE session = ? AND nomor_lead = ? AND label_id = ? AND first_at = ?
