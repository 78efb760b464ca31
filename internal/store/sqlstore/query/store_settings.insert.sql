INSERT INTO store_settings (name, value)
VALUES (?, ?) /*rows*/
/*upsert name: value*/
