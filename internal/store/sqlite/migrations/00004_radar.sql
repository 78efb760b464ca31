-- What the radar counts, the alarms it gives, and who of several servers watches.

-- +goose Up
CREATE TABLE IF NOT EXISTS session_hours (
  session TEXT NOT NULL,
  hour    INTEGER NOT NULL,
  events  INTEGER NOT NULL,
  minutes INTEGER NOT NULL,
  PRIMARY KEY (session, hour)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS session_hours_hour ON session_hours (hour);

CREATE TABLE IF NOT EXISTS heard_hours (
  hour    INTEGER NOT NULL PRIMARY KEY,
  minutes INTEGER NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS alarms (
  id           TEXT NOT NULL PRIMARY KEY,
  kind         TEXT NOT NULL,
  subject      TEXT NOT NULL,
  open_key     TEXT NULL,
  raised_at    INTEGER NOT NULL,
  cleared_at   INTEGER NULL,
  since        INTEGER NOT NULL,
  changed_at   INTEGER NOT NULL,
  revision     INTEGER NOT NULL,
  told         INTEGER NOT NULL,
  told_at      INTEGER NOT NULL,
  flaps        INTEGER NOT NULL,
  restarts     INTEGER NOT NULL,
  restarted_at INTEGER NOT NULL,
  detail       TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX IF NOT EXISTS alarms_open ON alarms (open_key);
CREATE INDEX IF NOT EXISTS alarms_raised ON alarms (raised_at);
CREATE INDEX IF NOT EXISTS alarms_subject ON alarms (kind, subject, raised_at);

CREATE TABLE IF NOT EXISTS radar_lease (
  name       TEXT NOT NULL PRIMARY KEY,
  owner      TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
