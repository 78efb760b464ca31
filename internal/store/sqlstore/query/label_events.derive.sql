UPDATE label_events SET klien = ?, nomor_cs = ?, nomor_lead = ?, label_name = ? WHERE event_id = ?
