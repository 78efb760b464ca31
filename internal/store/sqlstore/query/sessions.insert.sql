INSERT INTO sessions (session, valid_from, valid_to, client, nomor_cs)
VALUES (?, ?, ?, ?, ?) /*rows*/
