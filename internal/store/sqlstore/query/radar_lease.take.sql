UPDATE radar_lease SET owner = ?, expires_at = ? WHERE name = ? AND (owner = ? OR expires_at <= ?)
