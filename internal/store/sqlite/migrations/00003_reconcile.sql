-- What comparing with WAHA leaves behind: when each label's list last agreed,
-- differences that were seen and are not yet confirmed, and the reads themselves.

-- +goose Up
CREATE TABLE IF NOT EXISTS reconcile_agreements (
  session  TEXT NOT NULL,
  label_id TEXT NOT NULL,
  read_at  INTEGER NOT NULL,
  PRIMARY KEY (session, label_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS reconcile_differences (
  session       TEXT NOT NULL,
  nomor_lead    TEXT NOT NULL,
  label_id      TEXT NOT NULL,
  status        TEXT NOT NULL,
  chat_id       TEXT NOT NULL,
  first_at      INTEGER NOT NULL,
  noted_at      INTEGER NOT NULL,
  not_before    INTEGER NULL,
  start_unknown INTEGER NOT NULL,
  base_at       INTEGER NOT NULL,
  base_id       TEXT NOT NULL,
  PRIMARY KEY (session, nomor_lead, label_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS reconcile_runs (
  run_id      TEXT NOT NULL PRIMARY KEY,
  session     TEXT NOT NULL,
  reason      TEXT NOT NULL,
  engine      TEXT NOT NULL,
  started_at  INTEGER NOT NULL,
  finished_at INTEGER NOT NULL,
  labels      INTEGER NOT NULL,
  chats       INTEGER NOT NULL,
  differences INTEGER NOT NULL,
  repaired    INTEGER NOT NULL,
  still_open  INTEGER NOT NULL,
  error       TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS reconcile_runs_started ON reconcile_runs (started_at);
CREATE INDEX IF NOT EXISTS reconcile_runs_session ON reconcile_runs (session, started_at);

CREATE TABLE IF NOT EXISTS reconcile_statuses (
  session TEXT NOT NULL,
  kind    TEXT NOT NULL,
  at      INTEGER NOT NULL,
  CONSTRAINT reconcile_statuses_kind CHECK (kind IN ('scan', 'working')),
  PRIMARY KEY (session, kind, at)
) STRICT, WITHOUT ROWID;
