-- The log of labels, what is folded from it, and what the fold needs.

-- +goose Up
CREATE TABLE IF NOT EXISTS label_events (
  seq            INTEGER PRIMARY KEY AUTOINCREMENT,
  event_id       TEXT NOT NULL,
  timestamp_unix INTEGER NOT NULL,
  klien          TEXT NOT NULL,
  nomor_cs       TEXT NOT NULL,
  nomor_lead     TEXT NOT NULL,
  label_id       TEXT NOT NULL,
  label_name     TEXT NOT NULL,
  status         TEXT NOT NULL,
  session        TEXT NOT NULL,
  chat_id        TEXT NOT NULL,
  source         TEXT NOT NULL,
  not_before     INTEGER NULL,
  start_unknown  INTEGER NOT NULL,
  received_at    INTEGER NOT NULL,
  said_client    TEXT NOT NULL,
  said_cs        TEXT NOT NULL,
  CONSTRAINT label_events_status CHECK (status IN ('add_label', 'delete_label'))
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS label_events_id ON label_events (event_id);
CREATE INDEX IF NOT EXISTS label_events_lead ON label_events (session, nomor_lead, label_id, timestamp_unix);
CREATE INDEX IF NOT EXISTS label_events_label ON label_events (session, label_id, timestamp_unix);
CREATE INDEX IF NOT EXISTS label_events_time ON label_events (timestamp_unix);

CREATE TABLE IF NOT EXISTS label_event_changes (
  event_id    TEXT NOT NULL,
  changed_at  INTEGER NOT NULL,
  column_name TEXT NOT NULL,
  old_value   TEXT NOT NULL,
  new_value   TEXT NOT NULL,
  reason      TEXT NOT NULL,
  PRIMARY KEY (event_id, changed_at, column_name)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS label_spans (
  session       TEXT NOT NULL,
  nomor_lead    TEXT NOT NULL,
  label_id      TEXT NOT NULL,
  started_at    INTEGER NOT NULL,
  ended_at      INTEGER NULL,
  start_unknown INTEGER NOT NULL,
  ambiguous     INTEGER NOT NULL,
  chat_id       TEXT NOT NULL,
  klien         TEXT NOT NULL,
  nomor_cs      TEXT NOT NULL,
  PRIMARY KEY (session, nomor_lead, label_id, started_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS label_spans_ended ON label_spans (ended_at, session, label_id);

CREATE TABLE IF NOT EXISTS label_changes (
  event_id    TEXT NOT NULL PRIMARY KEY,
  session     TEXT NOT NULL,
  label_id    TEXT NOT NULL,
  kind        TEXT NOT NULL,
  at          INTEGER NOT NULL,
  name        TEXT NOT NULL,
  color       INTEGER NOT NULL,
  received_at INTEGER NOT NULL,
  CONSTRAINT label_changes_kind CHECK (kind IN ('upsert', 'deleted'))
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS label_changes_label ON label_changes (session, label_id, at);

CREATE TABLE IF NOT EXISTS label_sightings (
  session  TEXT NOT NULL,
  label_id TEXT NOT NULL,
  value_id TEXT NOT NULL,
  name     TEXT NOT NULL,
  color    INTEGER NOT NULL,
  first_at INTEGER NOT NULL,
  last_at  INTEGER NOT NULL,
  PRIMARY KEY (session, label_id, value_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS labels (
  session    TEXT NOT NULL,
  label_id   TEXT NOT NULL,
  valid_from INTEGER NOT NULL,
  valid_to   INTEGER NULL,
  name       TEXT NOT NULL,
  color      INTEGER NOT NULL,
  PRIMARY KEY (session, label_id, valid_from)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS label_daily (
  session  TEXT NOT NULL,
  label_id TEXT NOT NULL,
  day      TEXT NOT NULL,
  added    INTEGER NOT NULL,
  found    INTEGER NOT NULL,
  removed  INTEGER NOT NULL,
  active   INTEGER NOT NULL,
  PRIMARY KEY (session, label_id, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS identities (
  session  TEXT NOT NULL,
  hidden   TEXT NOT NULL,
  phone    TEXT NOT NULL,
  first_at INTEGER NOT NULL,
  last_at  INTEGER NOT NULL,
  PRIMARY KEY (session, hidden, phone)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS identities_phone ON identities (session, phone);

CREATE TABLE IF NOT EXISTS chats (
  session           TEXT NOT NULL,
  chat_id           TEXT NOT NULL,
  nomor_lead        TEXT NOT NULL,
  first_in_at       INTEGER NULL,
  last_in_at        INTEGER NULL,
  first_out_at      INTEGER NULL,
  last_out_at       INTEGER NULL,
  referral_at       INTEGER NULL,
  source_type       TEXT NOT NULL,
  source_id         TEXT NOT NULL,
  source_url        TEXT NOT NULL,
  source_app        TEXT NOT NULL,
  click_id          TEXT NOT NULL,
  title             TEXT NOT NULL,
  entry_point       TEXT NOT NULL,
  entry_app         TEXT NOT NULL,
  conversion_source TEXT NOT NULL,
  ref               TEXT NOT NULL,
  utm               TEXT NOT NULL,
  media_type        TEXT NOT NULL,
  external_source   TEXT NOT NULL,
  external_medium   TEXT NOT NULL,
  utm_source        TEXT NOT NULL,
  utm_campaign      TEXT NOT NULL,
  campaign_id       TEXT NOT NULL,
  PRIMARY KEY (session, chat_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS chats_lead ON chats (session, nomor_lead);

CREATE TABLE IF NOT EXISTS session_sightings (
  session  TEXT NOT NULL,
  kind     TEXT NOT NULL,
  value_id TEXT NOT NULL,
  value    TEXT NOT NULL,
  first_at INTEGER NOT NULL,
  last_at  INTEGER NOT NULL,
  CONSTRAINT session_sightings_kind CHECK (kind IN ('number', 'client')),
  PRIMARY KEY (session, kind, value_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS sessions (
  session    TEXT NOT NULL,
  valid_from INTEGER NOT NULL,
  valid_to   INTEGER NULL,
  client     TEXT NOT NULL,
  nomor_cs   TEXT NOT NULL,
  PRIMARY KEY (session, valid_from)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS session_registry (
  session     TEXT NOT NULL PRIMARY KEY,
  version     INTEGER NOT NULL,
  high_water  INTEGER NOT NULL,
  client      TEXT NOT NULL,
  cs_name     TEXT NOT NULL,
  zone        TEXT NOT NULL,
  wanted_view TEXT NOT NULL,
  view_name   TEXT NOT NULL,
  view_note   TEXT NOT NULL,
  status      TEXT NOT NULL,
  status_at   INTEGER NOT NULL,
  stale       INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS store_settings (
  name  TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE VIEW IF NOT EXISTS active_labels AS
SELECT s.klien, s.session, s.nomor_cs, s.nomor_lead, s.label_id,
  COALESCE((SELECT MAX(l.name) FROM labels l WHERE l.session = s.session AND l.label_id = s.label_id AND l.valid_to IS NULL), '') AS label_name,
  s.started_at AS since
FROM label_spans s
WHERE s.ended_at IS NULL;
