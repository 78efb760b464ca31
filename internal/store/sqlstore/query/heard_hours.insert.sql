INSERT INTO heard_hours (hour, minutes)
VALUES (?, ?) /*rows*/
/*upsert hour: minutes | new.minutes*/
