SELECT label_id, read_at FROM reconcile_agreements WHERE session = ?
