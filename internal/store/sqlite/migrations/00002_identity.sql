-- Who is asked about a hidden id and when, what a read of the labels said once,
-- and when a NOWEB session was paired.

-- +goose Up
CREATE TABLE IF NOT EXISTS session_statuses (
  session TEXT NOT NULL,
  kind    TEXT NOT NULL,
  at      INTEGER NOT NULL,
  CONSTRAINT session_statuses_kind CHECK (kind IN ('scan', 'working')),
  PRIMARY KEY (session, kind, at)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS lid_lookups (
  session        TEXT NOT NULL,
  hidden         TEXT NOT NULL,
  seen_at        INTEGER NOT NULL,
  first_asked_at INTEGER NOT NULL,
  last_asked_at  INTEGER NOT NULL,
  asked          INTEGER NOT NULL,
  next_at        INTEGER NOT NULL,
  gave_up_at     INTEGER NOT NULL,
  claimed_by     TEXT NOT NULL,
  claimed_until  INTEGER NOT NULL,
  PRIMARY KEY (session, hidden)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS lid_lookups_due ON lid_lookups (gave_up_at, next_at, session);

CREATE TABLE IF NOT EXISTS label_notes (
  session  TEXT NOT NULL,
  label_id TEXT NOT NULL,
  missing  INTEGER NOT NULL,
  name     TEXT NOT NULL,
  color    INTEGER NOT NULL,
  noted_at INTEGER NOT NULL,
  PRIMARY KEY (session, label_id)
) STRICT, WITHOUT ROWID;

-- Those who are hidden already.
INSERT INTO lid_lookups (session, hidden, seen_at, first_asked_at, last_asked_at, asked, next_at, gave_up_at, claimed_by, claimed_until)
SELECT e.session, e.nomor_lead, MIN(e.timestamp_unix), 0, 0, 0, 0, 0, '', 0
FROM label_events e
WHERE e.nomor_lead LIKE '%@lid'
  AND NOT EXISTS (SELECT 1 FROM lid_lookups l WHERE l.session = e.session AND l.hidden = e.nomor_lead)
GROUP BY e.session, e.nomor_lead;
