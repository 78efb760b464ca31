INSERT INTO session_hours (session, hour, events, minutes)
VALUES (?, ?, ?, ?) /*rows*/
/*upsert session, hour: events + new.events, minutes | new.minutes*/
