-- Who is asked about a hidden id and when, what a read of the labels said once,
-- and when a NOWEB session was paired.

-- +goose Up
CREATE TABLE IF NOT EXISTS session_statuses (
  session VARCHAR(120) NOT NULL,
  kind    VARCHAR(8)   NOT NULL,
  at      BIGINT       NOT NULL,
  CONSTRAINT session_statuses_kind CHECK (kind IN ('scan', 'working')),
  PRIMARY KEY (session, kind, at)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS lid_lookups (
  session        VARCHAR(120) NOT NULL,
  hidden         VARCHAR(64)  NOT NULL,
  seen_at        BIGINT       NOT NULL,
  first_asked_at BIGINT       NOT NULL,
  last_asked_at  BIGINT       NOT NULL,
  asked          INT          NOT NULL,
  next_at        BIGINT       NOT NULL,
  gave_up_at     BIGINT       NOT NULL,
  claimed_by     VARCHAR(64)  NOT NULL,
  claimed_until  BIGINT       NOT NULL,
  PRIMARY KEY (session, hidden),
  KEY lid_lookups_due (gave_up_at, next_at, session)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

CREATE TABLE IF NOT EXISTS label_notes (
  session  VARCHAR(120) NOT NULL,
  label_id VARCHAR(64)  NOT NULL,
  missing  TINYINT      NOT NULL,
  name     VARCHAR(255) NOT NULL,
  color    INT          NOT NULL,
  noted_at BIGINT       NOT NULL,
  PRIMARY KEY (session, label_id)
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;

-- Those who are hidden already.
INSERT INTO lid_lookups (session, hidden, seen_at, first_asked_at, last_asked_at, asked, next_at, gave_up_at, claimed_by, claimed_until)
SELECT e.session, e.nomor_lead, MIN(e.timestamp_unix), 0, 0, 0, 0, 0, '', 0
FROM label_events e
WHERE e.nomor_lead LIKE '%@lid'
  AND NOT EXISTS (SELECT 1 FROM lid_lookups l WHERE l.session = e.session AND l.hidden = e.nomor_lead)
GROUP BY e.session, e.nomor_lead;
