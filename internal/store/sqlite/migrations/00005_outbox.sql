-- The outbox: what is to be sent, to whom, and every try of it.

-- +goose Up
CREATE TABLE IF NOT EXISTS outbox_payloads (
  seq        INTEGER PRIMARY KEY AUTOINCREMENT,
  event_id   TEXT NOT NULL,
  session    TEXT NOT NULL,
  event      TEXT NOT NULL,
  at         INTEGER NOT NULL,
  url        TEXT NOT NULL,
  headers    TEXT NOT NULL,
  body       BLOB NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS outbox_payloads_id ON outbox_payloads (event_id);
CREATE INDEX IF NOT EXISTS outbox_payloads_created ON outbox_payloads (created_at);

CREATE TABLE IF NOT EXISTS deliveries (
  seq         INTEGER PRIMARY KEY AUTOINCREMENT,
  payload     INTEGER NOT NULL,
  destination TEXT NOT NULL,
  state       INTEGER NOT NULL,
  attempts    INTEGER NOT NULL,
  next_at     INTEGER NOT NULL,
  created_at  INTEGER NOT NULL,
  settled_at  INTEGER NULL,
  owner       TEXT NOT NULL,
  lease_until INTEGER NOT NULL,
  size_bytes  INTEGER NOT NULL,
  CONSTRAINT deliveries_state CHECK (state IN (0, 1, 2))
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS deliveries_once ON deliveries (payload, destination);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (state, destination, next_at, created_at);

CREATE TABLE IF NOT EXISTS delivery_attempts (
  delivery    INTEGER NOT NULL,
  n           INTEGER NOT NULL,
  at          INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL,
  status      INTEGER NOT NULL,
  answer      TEXT NOT NULL,
  error       TEXT NOT NULL,
  PRIMARY KEY (delivery, n, at)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS delivery_destinations (
  name       TEXT NOT NULL PRIMARY KEY,
  kind       TEXT NOT NULL,
  since      INTEGER NOT NULL,
  opened_at  INTEGER NOT NULL,
  open_until INTEGER NOT NULL,
  probes     INTEGER NOT NULL,
  last_error TEXT NOT NULL,
  CONSTRAINT delivery_destinations_kind CHECK (kind IN ('configured', 'url'))
) STRICT, WITHOUT ROWID;
