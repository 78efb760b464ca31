UPDATE label_events SET nomor_cs = ?
WHERE session = ? AND said_cs = '' AND source <> 'label_deleted' AND timestamp_unix >= ? AND timestamp_unix < ? AND nomor_cs <> ?
