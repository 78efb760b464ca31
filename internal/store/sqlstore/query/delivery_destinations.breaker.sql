UPDATE delivery_destinations SET opened_at = ?, open_until = ?, probes = ?, last_error = ? WHERE name = ?
