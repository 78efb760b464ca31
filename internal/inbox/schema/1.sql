-- What was received, as it may be kept on disk. near is a number that grows
-- with time and is derived from what key is derived from: it keeps the unique
-- index growing at its right edge. A random key alone dirties one page of the
-- index per body, which costs three times the throughput. headers are those of
-- the request, where somebody wants them, and '' else.
CREATE TABLE bodies (
	seq         INTEGER PRIMARY KEY,
	near        INTEGER NOT NULL,
	key         BLOB    NOT NULL,
	received_at INTEGER NOT NULL,
	at          INTEGER NOT NULL,
	server      TEXT    NOT NULL,
	session     TEXT    NOT NULL,
	event       TEXT    NOT NULL,
	headers     TEXT    NOT NULL DEFAULT '',
	body        BLOB    NOT NULL
) STRICT;
CREATE UNIQUE INDEX bodies_key ON bodies (near, key);

-- state: 0 waiting again (requeued), 1 done, 2 skipped, 3 quarantined. A body
-- without a row here waits for the first time. Apart from bodies so that
-- settling a thousand of them writes a few pages and not a hundred. stored: the
-- database holds something of it: all that is done, and some of what is not.
CREATE TABLE settled (
	seq    INTEGER PRIMARY KEY,
	state  INTEGER NOT NULL,
	at     INTEGER NOT NULL,
	reason TEXT    NOT NULL,
	stored INTEGER NOT NULL
) STRICT;
CREATE INDEX settled_stored ON settled (at) WHERE stored = 1;
CREATE INDEX settled_again ON settled (state) WHERE state = 0;
CREATE INDEX settled_quarantined ON settled (state) WHERE state = 3;

CREATE TABLE counts (
	state  INTEGER NOT NULL,
	reason TEXT    NOT NULL,
	n      INTEGER NOT NULL,
	PRIMARY KEY (state, reason)
) STRICT, WITHOUT ROWID;

CREATE TABLE minutes (
	minute    INTEGER PRIMARY KEY,
	first_seq INTEGER NOT NULL,
	last_seq  INTEGER NOT NULL,
	n         INTEGER NOT NULL
) STRICT;

CREATE TABLE marks (
	name  TEXT PRIMARY KEY,
	value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
