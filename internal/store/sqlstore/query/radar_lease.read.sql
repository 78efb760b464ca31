SELECT owner FROM radar_lease WHERE name = ?
