INSERT INTO labels (session, label_id, valid_from, valid_to, name, color)
VALUES (?, ?, ?, ?, ?, ?) /*rows*/
