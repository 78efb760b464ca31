package inbox

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // the driver
	lib "modernc.org/sqlite/lib"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// schemas are applied in order; PRAGMA user_version says how many have been.
var schemas = []string{"1.sql"}

const (
	// applicationID marks the file as ours ("TndI"), so that another
	// program's database is not migrated by mistake.
	applicationID = 0x546e6449

	busyTimeout = 5 * time.Second // how long another process's write is waited for

	// A small log is faster than a large one: once checkpointed it is written
	// over in place, and syncing then changes no file metadata.
	walPages      = 1000
	walSizeLimit  = 16 << 20 // bytes the log is cut back to after a long reader let it grow
	writerCacheKB = 2 << 10  // only the right edges of the tables are written; a large cache makes commits slower
	readers       = 2

	quickCheckBelow = 32 << 20 // bytes; a larger file is checked by Check alone
)

// dsn names the file for the driver. Pragmas are constants of ours.
func dsn(file string, pragmas ...string) string {
	q := fmt.Sprintf("?_pragma=busy_timeout(%d)", busyTimeout.Milliseconds())
	for _, p := range pragmas {
		q += "&_pragma=" + p
	}
	return "file://" + (&url.URL{Path: filepath.ToSlash(file)}).EscapedPath() + q
}

// openWriter opens the one writing connection and brings the schema up to date.
func openWriter(ctx context.Context, file string) (*sql.DB, *sql.Conn, error) {
	if err := createFile(file); err != nil {
		return nil, nil, err
	}
	db, err := sql.Open("sqlite", dsn(file,
		"journal_mode(wal)", "synchronous(full)",
		fmt.Sprintf("wal_autocheckpoint(%d)", walPages),
		fmt.Sprintf("journal_size_limit(%d)", walSizeLimit),
		fmt.Sprintf("cache_size(-%d)", writerCacheKB)))
	if err != nil {
		return nil, nil, err
	}
	db.SetMaxOpenConns(1)
	conn, err := db.Conn(ctx)
	if err == nil {
		if err = migrate(ctx, conn); err != nil {
			conn.Close()
		}
	}
	if err != nil {
		db.Close()
		if sqliteCode(err)&0xff == lib.SQLITE_CANTOPEN {
			err = errors.Join(err, writable(file)) // SQLite does not say why
		}
		return nil, nil, err
	}
	return db, conn, nil
}

// createFile makes the file if there is none, readable by us alone: it holds
// phone numbers. An existing file is not touched.
func createFile(file string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		return err
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return f.Close()
}

// syncLog makes durable what is in the log, all of which is visible: what a
// killed process wrote but did not sync, and what was in a commit that failed,
// would otherwise be answered as known though the disk may not have it.
//
// A checkpoint syncs the log and moves it into the file. To have it synced is
// enough after a kill. After a failed sync it is not, since the system may have
// forgotten the pages that it could not write, and then all of it must be
// moved, for which no reader may be looking at an earlier state: moved waits up
// to a second for that.
func syncLog(ctx context.Context, conn *sql.Conn, moved bool) error {
	for try := 0; ; try++ {
		var busy, pages, done int
		if err := conn.QueryRowContext(ctx, "PRAGMA wal_checkpoint(PASSIVE)").Scan(&busy, &pages, &done); err != nil {
			return err
		}
		if done >= pages || !moved {
			return nil
		}
		if try == 100 {
			return fmt.Errorf("readers are in the way of moving the log: %d of %d pages", done, pages)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// migrate applies the schemas the file lacks, each in a transaction of its own.
// Two processes may do so at once: the version is read again under the lock.
func migrate(ctx context.Context, conn *sql.Conn) error {
	for {
		if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
			return err
		}
		done, err := migrateOne(ctx, conn)
		end := "COMMIT"
		if err != nil || done {
			end = "ROLLBACK"
		}
		if _, e := conn.ExecContext(ctx, end); err == nil {
			err = e
		}
		if err != nil || done {
			return err
		}
	}
}

func migrateOne(ctx context.Context, conn *sql.Conn) (done bool, err error) {
	var version, app, tables int
	for _, q := range []struct {
		sql string
		to  *int
	}{
		{"PRAGMA user_version", &version},
		{"PRAGMA application_id", &app},
		{"SELECT count(*) FROM sqlite_schema", &tables},
	} {
		if err := conn.QueryRowContext(ctx, q.sql).Scan(q.to); err != nil {
			return false, err
		}
	}
	switch {
	case app != applicationID && (tables > 0 || version > 0):
		return false, &Error{Class: ErrNotInbox, Op: "open", Err: errors.New("another program's database")}
	case version > len(schemas):
		return false, &Error{Class: ErrNotInbox, Op: "open",
			Err: fmt.Errorf("its schema is version %d, this program knows up to %d", version, len(schemas))}
	case version == len(schemas):
		return true, nil
	}
	text, err := schemaFiles.ReadFile(path.Join("schema", schemas[version]))
	if err != nil {
		return false, err
	}
	script := fmt.Sprintf("%s; PRAGMA user_version = %d; PRAGMA application_id = %d", text, version+1, applicationID)
	_, err = conn.ExecContext(ctx, script)
	return false, err
}

// openReader opens the connections that only read.
func openReader(file string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", dsn(file, "query_only(true)"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(readers)
	db.SetMaxIdleConns(readers)
	return db, nil
}

// checkFile looks for damage: all of a small file, of a large one what is read
// on the way to its newest and oldest rows.
func checkFile(ctx context.Context, db *sql.DB, file string) error {
	if fileSize(file) < quickCheckBelow {
		return quickCheck(ctx, db)
	}
	for _, q := range []string{
		"SELECT coalesce((SELECT length(body) FROM bodies ORDER BY seq DESC LIMIT 1), 0)",
		"SELECT coalesce((SELECT length(body) FROM bodies ORDER BY seq LIMIT 1), 0)",
		"SELECT coalesce((SELECT length(key) FROM bodies ORDER BY near DESC, key DESC LIMIT 1), 0)",
		"SELECT coalesce((SELECT state FROM settled ORDER BY seq DESC LIMIT 1), 0)",
		"SELECT coalesce(sum(n), 0) FROM counts",
		"SELECT coalesce(sum(n), 0) FROM minutes",
	} {
		var n int64
		if err := db.QueryRowContext(ctx, q).Scan(&n); err != nil {
			return err
		}
	}
	return nil
}

func quickCheck(ctx context.Context, db *sql.DB) error {
	var first string
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&first); err != nil {
		return err
	}
	if first != "ok" {
		return &Error{Class: ErrCorrupt, Op: "check", Err: errors.New(first)}
	}
	return nil
}
