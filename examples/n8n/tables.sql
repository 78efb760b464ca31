-- What the workflows in this folder write to.

-- original.json and behind-tandai.json: the upsert on timestamp_unix needs a unique key there.
CREATE TABLE labeling_hansarang_cs1 (
  timestamp_unix BIGINT NOT NULL PRIMARY KEY,
  klien VARCHAR(100),
  nomor_cs VARCHAR(32),
  nomor_lead VARCHAR(32),
  label_id VARCHAR(32),
  label_name VARCHAR(100),
  status VARCHAR(16)
) CHARACTER SET utf8mb4;

-- triggered-by-tandai.json: one row per event, whatever its millisecond, however often it is sent.
CREATE TABLE tandai_labels (
  event_id CHAR(64) NOT NULL PRIMARY KEY,
  timestamp_unix BIGINT NOT NULL,
  klien VARCHAR(100),
  nomor_cs VARCHAR(32),
  nomor_lead VARCHAR(32),
  label_id VARCHAR(32),
  label_name VARCHAR(100),
  status VARCHAR(16)
) CHARACTER SET utf8mb4;
