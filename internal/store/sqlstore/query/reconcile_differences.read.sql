SELECT session, nomor_lead, label_id, status, chat_id, first_at, noted_at, not_before, start_unknown, base_at, base_id
FROM reconcile_differences WHERE session = ? OR ? = ''
ORDER BY session, first_at, nomor_lead, label_id LIMIT ?
