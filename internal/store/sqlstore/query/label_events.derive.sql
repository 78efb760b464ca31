UPDATE label_events SET klien = ?, nomor_cs = ?, nomor_lead = ?, label_name = ?, start_unknown = ? WHERE event_id = ?
