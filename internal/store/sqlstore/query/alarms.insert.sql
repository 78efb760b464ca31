INSERT INTO alarms (id, kind, subject, open_key, raised_at, cleared_at, since, changed_at, revision, told, told_at, flaps, restarts, restarted_at, detail)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
