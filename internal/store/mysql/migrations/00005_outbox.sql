-- The outbox: what is to be sent, to whom, and every try of it.
-- Every statement may run twice, see 00001_spine.sql.

-- +goose Up
CREATE TABLE IF NOT EXISTS outbox_payloads (
  seq        BIGINT        NOT NULL AUTO_INCREMENT PRIMARY KEY,
  event_id   CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  session    VARCHAR(190)  NOT NULL,
  event      VARCHAR(64)   NOT NULL,
  at         BIGINT        NOT NULL,
  url        VARCHAR(2048) NOT NULL,
  headers    TEXT          NOT NULL,
  body       LONGBLOB      NOT NULL,
  created_at BIGINT        NOT NULL,
  UNIQUE KEY outbox_payloads_id (event_id),
  KEY outbox_payloads_created (created_at)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS deliveries (
  seq         BIGINT       NOT NULL AUTO_INCREMENT PRIMARY KEY,
  payload     BIGINT       NOT NULL,
  destination VARCHAR(190) NOT NULL,
  state       TINYINT      NOT NULL,
  attempts    INT          NOT NULL,
  next_at     BIGINT       NOT NULL,
  created_at  BIGINT       NOT NULL,
  settled_at  BIGINT       NULL,
  owner       VARCHAR(64)  NOT NULL,
  lease_until BIGINT       NOT NULL,
  size_bytes  BIGINT       NOT NULL,
  CONSTRAINT deliveries_state CHECK (state IN (0, 1, 2)),
  UNIQUE KEY deliveries_once (payload, destination),
  KEY deliveries_due (state, destination, next_at, created_at)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS delivery_attempts (
  delivery    BIGINT       NOT NULL,
  n           INT          NOT NULL,
  at          BIGINT       NOT NULL,
  duration_ms BIGINT       NOT NULL,
  status      INT          NOT NULL,
  answer      VARCHAR(512) NOT NULL,
  error       VARCHAR(512) NOT NULL,
  PRIMARY KEY (delivery, n, at)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS delivery_destinations (
  name       VARCHAR(190) NOT NULL PRIMARY KEY,
  kind       VARCHAR(16)  NOT NULL,
  since      BIGINT       NOT NULL,
  opened_at  BIGINT       NOT NULL,
  open_until BIGINT       NOT NULL,
  probes     INT          NOT NULL,
  last_error VARCHAR(512) NOT NULL,
  CONSTRAINT delivery_destinations_kind CHECK (kind IN ('configured', 'url'))
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
