-- What comparing with WAHA leaves behind: when each label's list last agreed,
-- differences that were seen and are not yet confirmed, and the reads themselves.

-- +goose Up
CREATE TABLE IF NOT EXISTS reconcile_agreements (
  session  VARCHAR(120) NOT NULL,
  label_id VARCHAR(64)  NOT NULL,
  read_at  BIGINT       NOT NULL,
  PRIMARY KEY (session, label_id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS reconcile_differences (
  session       VARCHAR(120) NOT NULL,
  nomor_lead    VARCHAR(64)  NOT NULL,
  label_id      VARCHAR(64)  NOT NULL,
  status        VARCHAR(16)  NOT NULL,
  chat_id       VARCHAR(128) NOT NULL,
  first_at      BIGINT       NOT NULL,
  noted_at      BIGINT       NOT NULL,
  not_before    BIGINT       NULL,
  start_unknown TINYINT      NOT NULL,
  base_at       BIGINT       NOT NULL,
  base_id       VARCHAR(64)  NOT NULL,
  PRIMARY KEY (session, nomor_lead, label_id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS reconcile_runs (
  run_id      VARCHAR(64)  NOT NULL PRIMARY KEY,
  session     VARCHAR(120) NOT NULL,
  reason      VARCHAR(64)  NOT NULL,
  engine      VARCHAR(32)  NOT NULL,
  started_at  BIGINT       NOT NULL,
  finished_at BIGINT       NOT NULL,
  labels      BIGINT       NOT NULL,
  chats       BIGINT       NOT NULL,
  differences BIGINT       NOT NULL,
  repaired    BIGINT       NOT NULL,
  still_open  BIGINT       NOT NULL,
  error       VARCHAR(512) NOT NULL,
  KEY reconcile_runs_started (started_at),
  KEY reconcile_runs_session (session, started_at)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS reconcile_statuses (
  session VARCHAR(120) NOT NULL,
  kind    VARCHAR(8)   NOT NULL,
  at      BIGINT       NOT NULL,
  CONSTRAINT reconcile_statuses_kind CHECK (kind IN ('scan', 'working')),
  PRIMARY KEY (session, kind, at)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
