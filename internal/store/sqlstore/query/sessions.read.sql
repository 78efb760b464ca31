SELECT valid_from, valid_to, client, nomor_cs FROM sessions WHERE session = ? ORDER BY valid_from
