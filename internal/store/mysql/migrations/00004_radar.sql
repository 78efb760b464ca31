-- What the radar counts, the alarms it gives, and who of several servers watches.

-- +goose Up
CREATE TABLE IF NOT EXISTS session_hours (
  session VARCHAR(120) NOT NULL,
  hour    BIGINT       NOT NULL,
  events  BIGINT       NOT NULL,
  minutes BIGINT       NOT NULL,
  PRIMARY KEY (session, hour),
  KEY session_hours_hour (hour)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS heard_hours (
  hour    BIGINT NOT NULL PRIMARY KEY,
  minutes BIGINT NOT NULL
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS alarms (
  id           CHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  kind         VARCHAR(16)  NOT NULL,
  subject      VARCHAR(120) NOT NULL,
  open_key     VARCHAR(190) NULL,
  raised_at    BIGINT       NOT NULL,
  cleared_at   BIGINT       NULL,
  since        BIGINT       NOT NULL,
  changed_at   BIGINT       NOT NULL,
  revision     BIGINT       NOT NULL,
  told         BIGINT       NOT NULL,
  told_at      BIGINT       NOT NULL,
  flaps        INT          NOT NULL,
  restarts     INT          NOT NULL,
  restarted_at BIGINT       NOT NULL,
  detail       TEXT         NOT NULL,
  UNIQUE KEY alarms_open (open_key),
  KEY alarms_raised (raised_at),
  KEY alarms_subject (kind, subject, raised_at)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS radar_lease (
  name       VARCHAR(64) NOT NULL PRIMARY KEY,
  owner      VARCHAR(64) NOT NULL,
  expires_at BIGINT      NOT NULL
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
