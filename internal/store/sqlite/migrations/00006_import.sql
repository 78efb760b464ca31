-- What an existing table of the analysts leaves behind when it is copied into the
-- log, and which table a view has taken the place of.

-- +goose Up
ALTER TABLE label_events ADD COLUMN said_name TEXT NOT NULL DEFAULT '';
ALTER TABLE session_registry ADD COLUMN imported_until INTEGER NOT NULL DEFAULT 0;

CREATE TABLE IF NOT EXISTS imports (
  session     TEXT    NOT NULL,
  table_name  TEXT    NOT NULL,
  source      TEXT    NOT NULL,
  started_at  INTEGER NOT NULL,
  updated_at  INTEGER NOT NULL,
  finished_at INTEGER NULL,
  rows_read   INTEGER NOT NULL,
  imported    INTEGER NOT NULL,
  known       INTEGER NOT NULL,
  linked      INTEGER NOT NULL,
  problems    INTEGER NOT NULL,
  PRIMARY KEY (session, table_name)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS import_links (
  import_id TEXT    NOT NULL PRIMARY KEY,
  event_id  TEXT    NOT NULL UNIQUE,
  session   TEXT    NOT NULL,
  linked_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS import_links_session ON import_links (session);

CREATE TABLE IF NOT EXISTS import_problems (
  problem_id TEXT    NOT NULL PRIMARY KEY,
  session    TEXT    NOT NULL,
  table_name TEXT    NOT NULL,
  reason     TEXT    NOT NULL,
  row_text   TEXT    NOT NULL,
  found_at   INTEGER NOT NULL,
  seen_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS import_problems_table ON import_problems (session, table_name, found_at);

CREATE TABLE IF NOT EXISTS adoptions (
  session     TEXT    NOT NULL PRIMARY KEY,
  view_name   TEXT    NOT NULL,
  before_name TEXT    NOT NULL,
  collations  TEXT    NOT NULL,
  state       TEXT    NOT NULL CHECK (state IN ('prepared', 'adopted', 'undone')),
  changed_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
