// Package sqlite is the store on SQLite: one file, one writer, no server.
package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	driver "modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"tandai/internal/store"
	"tandai/internal/store/sqlstore"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// Config says where the file is.
type Config struct {
	Path string
	Now  func() time.Time // time.Now when nil
}

// Open opens the file, and makes it and its folder where they are missing. A
// commit is on disk when it returns (WAL, synchronous=FULL). Other processes may
// use the file at the same time.
func Open(cfg Config) (*sqlstore.DB, error) {
	// Made by SQLite it would be readable for everybody, with people's numbers in it;
	// its log files get the mode of the file itself. What goes wrong here shows again,
	// and better, at the first use.
	if err := os.MkdirAll(filepath.Dir(cfg.Path), 0o700); err == nil {
		if file, err := os.OpenFile(cfg.Path, os.O_CREATE|os.O_RDWR, 0o600); err == nil {
			file.Close()
		}
	}
	write, err := sql.Open("sqlite", dsn(cfg.Path, "immediate", writeCacheKiB))
	if err != nil {
		return nil, err
	}
	write.SetMaxOpenConns(1) // SQLite has one writer; waiting for it in Go is fairer than in the file
	read, err := sql.Open("sqlite", dsn(cfg.Path, "deferred", readCacheKiB))
	if err != nil {
		return nil, err
	}
	read.SetMaxOpenConns(4)
	return sqlstore.New(sqlstore.Config{Write: write, Read: read, Dialect: Dialect(), Now: cfg.Now})
}

// The caches are each connection's own. Rows of the log land all over their
// indexes, so that a page is written about once for each of them: a write-ahead
// log of 8000 pages (32 MiB) lets some of those writes meet before they go to the
// file.
const (
	writeCacheKiB = 32 << 10
	readCacheKiB  = 4 << 10
	walPages      = 8000
)

func dsn(path, txlock string, cacheKiB int) string {
	pragmas := []string{
		"journal_mode(WAL)", "synchronous(FULL)", "busy_timeout(10000)", "temp_store(MEMORY)",
		fmt.Sprintf("cache_size(-%d)", cacheKiB), fmt.Sprintf("wal_autocheckpoint(%d)", walPages),
	}
	q := make([]string, 0, len(pragmas)+1)
	for _, p := range pragmas {
		q = append(q, "_pragma="+url.QueryEscape(p))
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + strings.Join(append(q, "_txlock="+txlock), "&")
}

// Dialect is how SQLite does things.
func Dialect() sqlstore.Dialect {
	migrations, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return sqlstore.Dialect{
		Name: "SQLite", Goose: goose.DialectSQLite3, Migrations: migrations, RowsPerInsert: 20,
		Upsert: upsert, Index: index, Classify: Classify, Duplicate: duplicate,
		Object: object, CreateView: createView, DropView: func(name string) string { return "DROP VIEW IF EXISTS " + quote(name) },
		ForeignDialect: foreignDialect(), Describe: describe,
	}
}

func upsert(key, set []string) string {
	for i, s := range set {
		if col, _, isExpr := strings.Cut(s, " "); isExpr {
			set[i] = col + " = " + strings.ReplaceAll(s, "new.", "excluded.")
		} else {
			set[i] = s + " = excluded." + s
		}
	}
	return "ON CONFLICT (" + strings.Join(key, ", ") + ") DO UPDATE SET " + strings.Join(set, ", ")
}

func code(err error) (int, bool) {
	var e *driver.Error
	if !errors.As(err, &e) {
		return 0, false
	}
	return e.Code(), true
}

// Classify tells a SQLite result code's class. Source: SQLite, Result and Error
// Codes; the low byte is the primary code.
func Classify(err error) (result string, class error) {
	c, ok := code(err)
	if !ok {
		return "", store.ErrUnavailable // closed, cancelled, or no file at all
	}
	text := fmt.Sprintf("SQLite %d", c)
	switch c & 0xff {
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED:
		return text, store.ErrConflict
	case lib.SQLITE_CONSTRAINT, lib.SQLITE_MISMATCH, lib.SQLITE_TOOBIG, lib.SQLITE_RANGE:
		return text, store.ErrRefused
	}
	return text, store.ErrUnavailable
}

func duplicate(err error) bool {
	c, _ := code(err)
	return c == lib.SQLITE_CONSTRAINT_UNIQUE || c == lib.SQLITE_CONSTRAINT_PRIMARYKEY
}

func object(ctx context.Context, c *sql.Conn, name string) (string, error) {
	var kind string
	err := c.QueryRowContext(ctx, "SELECT type FROM sqlite_master WHERE type IN ('table', 'view') AND name = ? COLLATE NOCASE", name).Scan(&kind)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return kind, err
}

func createView(name, session string) string {
	return "CREATE VIEW IF NOT EXISTS " + quote(name) + ` AS
SELECT timestamp_unix, klien, nomor_cs, nomor_lead, label_id, label_name, status
FROM label_events WHERE session = ` + literal(session)
}

func quote(name string) string   { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }
func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

func describe(ctx context.Context, db *sql.DB) (string, error) {
	var v string
	err := db.QueryRowContext(ctx, "SELECT sqlite_version()").Scan(&v)
	return "SQLite " + v, err
}

// index cannot name the primary key of a table without rowids; statements keep the
// planner from other indexes by a + before their columns.
func index(name string) string {
	if name == "PRIMARY" {
		return ""
	}
	return "INDEXED BY " + name
}
