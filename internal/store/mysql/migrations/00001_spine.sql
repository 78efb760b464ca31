-- The log of labels, what is folded from it, and what the fold needs.
-- Every statement may run twice: MySQL has no transactional DDL, so a
-- migration that was cut off half-way starts again from the top.

-- +goose Up
CREATE TABLE IF NOT EXISTS label_events (
  seq            BIGINT       NOT NULL AUTO_INCREMENT PRIMARY KEY,
  event_id       CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  timestamp_unix BIGINT       NOT NULL,
  klien          VARCHAR(190) NOT NULL,
  nomor_cs       VARCHAR(32)  NOT NULL,
  nomor_lead     VARCHAR(64)  NOT NULL,
  label_id       VARCHAR(64)  NOT NULL,
  label_name     VARCHAR(255) NOT NULL,
  status         VARCHAR(16)  NOT NULL,
  session        VARCHAR(120) NOT NULL,
  chat_id        VARCHAR(128) NOT NULL,
  source         VARCHAR(16)  NOT NULL,
  not_before     BIGINT       NULL,
  start_unknown  TINYINT      NOT NULL,
  received_at    BIGINT       NOT NULL,
  said_client    VARCHAR(190) NOT NULL,
  said_cs        VARCHAR(32)  NOT NULL,
  CONSTRAINT label_events_status CHECK (status IN ('add_label', 'delete_label')),
  UNIQUE KEY label_events_id (event_id),
  KEY label_events_lead (session, nomor_lead, label_id, timestamp_unix),
  KEY label_events_label (session, label_id, timestamp_unix),
  KEY label_events_time (timestamp_unix)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS label_event_changes (
  event_id    CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  changed_at  BIGINT       NOT NULL,
  column_name VARCHAR(32)  NOT NULL,
  old_value   VARCHAR(255) NOT NULL,
  new_value   VARCHAR(255) NOT NULL,
  reason      VARCHAR(32)  NOT NULL,
  PRIMARY KEY (event_id, changed_at, column_name)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS label_spans (
  session       VARCHAR(120) NOT NULL,
  nomor_lead    VARCHAR(64)  NOT NULL,
  label_id      VARCHAR(64)  NOT NULL,
  started_at    BIGINT       NOT NULL,
  ended_at      BIGINT       NULL,
  start_unknown TINYINT      NOT NULL,
  ambiguous     TINYINT      NOT NULL,
  chat_id       VARCHAR(128) NOT NULL,
  klien         VARCHAR(190) NOT NULL,
  nomor_cs      VARCHAR(32)  NOT NULL,
  PRIMARY KEY (session, nomor_lead, label_id, started_at),
  KEY label_spans_ended (ended_at, session, label_id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS label_changes (
  event_id    CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  session     VARCHAR(120) NOT NULL,
  label_id    VARCHAR(64)  NOT NULL,
  kind        VARCHAR(8)   NOT NULL,
  at          BIGINT       NOT NULL,
  name        VARCHAR(255) NOT NULL,
  color       INT          NOT NULL,
  received_at BIGINT       NOT NULL,
  CONSTRAINT label_changes_kind CHECK (kind IN ('upsert', 'deleted')),
  KEY label_changes_label (session, label_id, at)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS label_sightings (
  session  VARCHAR(120) NOT NULL,
  label_id VARCHAR(64)  NOT NULL,
  value_id CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name     VARCHAR(255) NOT NULL,
  color    INT          NOT NULL,
  first_at BIGINT       NOT NULL,
  last_at  BIGINT       NOT NULL,
  PRIMARY KEY (session, label_id, value_id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS labels (
  session    VARCHAR(120) NOT NULL,
  label_id   VARCHAR(64)  NOT NULL,
  valid_from BIGINT       NOT NULL,
  valid_to   BIGINT       NULL,
  name       VARCHAR(255) NOT NULL,
  color      INT          NOT NULL,
  PRIMARY KEY (session, label_id, valid_from)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS label_daily (
  session  VARCHAR(120) NOT NULL,
  label_id VARCHAR(64)  NOT NULL,
  day      DATE         NOT NULL,
  added    BIGINT       NOT NULL,
  found    BIGINT       NOT NULL,
  removed  BIGINT       NOT NULL,
  active   BIGINT       NOT NULL,
  PRIMARY KEY (session, label_id, day)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS identities (
  session  VARCHAR(120) NOT NULL,
  hidden   VARCHAR(64)  NOT NULL,
  phone    VARCHAR(32)  NOT NULL,
  first_at BIGINT       NOT NULL,
  last_at  BIGINT       NOT NULL,
  PRIMARY KEY (session, hidden, phone),
  KEY identities_phone (session, phone)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS chats (
  session           VARCHAR(120) NOT NULL,
  chat_id           VARCHAR(128) NOT NULL,
  nomor_lead        VARCHAR(64)  NOT NULL,
  first_in_at       BIGINT       NULL,
  last_in_at        BIGINT       NULL,
  first_out_at      BIGINT       NULL,
  last_out_at       BIGINT       NULL,
  referral_at       BIGINT       NULL,
  source_type       VARCHAR(64)  NOT NULL,
  source_id         VARCHAR(255) NOT NULL,
  source_url        VARCHAR(512) NOT NULL,
  source_app        VARCHAR(64)  NOT NULL,
  click_id          VARCHAR(512) NOT NULL,
  title             VARCHAR(512) NOT NULL,
  entry_point       VARCHAR(64)  NOT NULL,
  entry_app         VARCHAR(64)  NOT NULL,
  conversion_source VARCHAR(64)  NOT NULL,
  ref               VARCHAR(512) NOT NULL,
  utm               VARCHAR(512) NOT NULL,
  media_type        VARCHAR(32)   NOT NULL,
  external_source   VARCHAR(255)  NOT NULL,
  external_medium   VARCHAR(255)  NOT NULL,
  utm_source        VARCHAR(255)  NOT NULL,
  utm_campaign      VARCHAR(255)  NOT NULL,
  campaign_id       VARCHAR(255)  NOT NULL,
  PRIMARY KEY (session, chat_id),
  KEY chats_lead (session, nomor_lead)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS session_sightings (
  session  VARCHAR(120) NOT NULL,
  kind     VARCHAR(8)   NOT NULL,
  value_id CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  value    VARCHAR(190) NOT NULL,
  first_at BIGINT       NOT NULL,
  last_at  BIGINT       NOT NULL,
  CONSTRAINT session_sightings_kind CHECK (kind IN ('number', 'client')),
  PRIMARY KEY (session, kind, value_id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS sessions (
  session    VARCHAR(120) NOT NULL,
  valid_from BIGINT       NOT NULL,
  valid_to   BIGINT       NULL,
  client     VARCHAR(190) NOT NULL,
  nomor_cs   VARCHAR(32)  NOT NULL,
  PRIMARY KEY (session, valid_from)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS session_registry (
  session     VARCHAR(120) NOT NULL PRIMARY KEY,
  version     BIGINT       NOT NULL,
  high_water  BIGINT       NOT NULL,
  client      VARCHAR(190) NOT NULL,
  cs_name     VARCHAR(190) NOT NULL,
  zone        VARCHAR(64)  NOT NULL,
  wanted_view VARCHAR(190) NOT NULL,
  view_name   VARCHAR(64)  NOT NULL,
  view_note   VARCHAR(512) NOT NULL,
  status      VARCHAR(64)  NOT NULL,
  status_at   BIGINT       NOT NULL,
  stale       TINYINT      NOT NULL DEFAULT 0
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS store_settings (
  name  VARCHAR(64)  NOT NULL PRIMARY KEY,
  value VARCHAR(255) NOT NULL
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- A view whose condition asks its own table cannot be written through, and is
-- still merged into the query that reads it. No row is below the first.
CREATE OR REPLACE VIEW active_labels AS
SELECT s.klien, s.session, s.nomor_cs, s.nomor_lead, s.label_id,
  COALESCE((SELECT MAX(l.name) FROM labels l WHERE l.session = s.session AND l.label_id = s.label_id AND l.valid_to IS NULL), '') AS label_name,
  s.started_at AS since
FROM label_spans s
WHERE s.ended_at IS NULL AND NOT EXISTS (SELECT 1 FROM label_spans below WHERE below.session < '');
