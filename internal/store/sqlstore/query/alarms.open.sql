SELECT id, kind, subject, raised_at, COALESCE(cleared_at, 0), since, changed_at, revision, told, told_at, flaps, restarts, restarted_at, detail
FROM alarms WHERE open_key IS NOT NULL ORDER BY raised_at, id
