-- What an existing table of the analysts leaves behind when it is copied into the
-- log, and which table a view has taken the place of.
-- A column can be added only once, and not every server knows IF NOT EXISTS there:
-- the statement is made by asking first, so that a migration cut off half-way can
-- start again.

-- +goose Up
SET @add_said_name = IF((SELECT COUNT(*) FROM information_schema.columns
  WHERE table_schema = DATABASE() AND table_name = 'label_events' AND column_name = 'said_name') = 0,
  'ALTER TABLE label_events ADD COLUMN said_name VARCHAR(255) NOT NULL DEFAULT ''''', 'DO 0');
PREPARE add_said_name FROM @add_said_name;
EXECUTE add_said_name;
DEALLOCATE PREPARE add_said_name;

SET @add_imported_until = IF((SELECT COUNT(*) FROM information_schema.columns
  WHERE table_schema = DATABASE() AND table_name = 'session_registry' AND column_name = 'imported_until') = 0,
  'ALTER TABLE session_registry ADD COLUMN imported_until BIGINT NOT NULL DEFAULT 0', 'DO 0');
PREPARE add_imported_until FROM @add_imported_until;
EXECUTE add_imported_until;
DEALLOCATE PREPARE add_imported_until;

CREATE TABLE IF NOT EXISTS imports (
  session     VARCHAR(120) NOT NULL,
  table_name  VARCHAR(64)  NOT NULL,
  source      VARCHAR(255) NOT NULL,
  started_at  BIGINT       NOT NULL,
  updated_at  BIGINT       NOT NULL,
  finished_at BIGINT       NULL,
  rows_read   BIGINT       NOT NULL,
  imported    BIGINT       NOT NULL,
  known       BIGINT       NOT NULL,
  linked      BIGINT       NOT NULL,
  problems    BIGINT       NOT NULL,
  PRIMARY KEY (session, table_name)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS import_links (
  import_id CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  event_id  CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  session   VARCHAR(120) NOT NULL,
  linked_at BIGINT       NOT NULL,
  UNIQUE KEY import_links_event (event_id),
  KEY import_links_session (session)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS import_problems (
  problem_id CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  session    VARCHAR(120)  NOT NULL,
  table_name VARCHAR(64)   NOT NULL,
  reason     VARCHAR(255)  NOT NULL,
  row_text   TEXT          NOT NULL,
  found_at   BIGINT        NOT NULL,
  seen_at    BIGINT        NOT NULL,
  KEY import_problems_table (session, table_name, found_at)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS adoptions (
  session     VARCHAR(120)  NOT NULL PRIMARY KEY,
  view_name   VARCHAR(64)   NOT NULL,
  before_name VARCHAR(64)   NOT NULL,
  collations  VARCHAR(1000) NOT NULL,
  state       VARCHAR(16)   NOT NULL,
  changed_at  BIGINT        NOT NULL,
  CONSTRAINT adoptions_state CHECK (state IN ('prepared', 'adopted', 'undone'))
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
