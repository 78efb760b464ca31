DELETE FROM reconcile_differences WHERE session = ? AND label_id = ? AND first_at = ? AND nomor_lead IN (?) /*list*/
