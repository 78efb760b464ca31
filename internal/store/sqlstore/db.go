// Package sqlstore is the store's one implementation, over database/sql. What
// differs between engines is in a Dialect.
//
// Writing goes one way: Record locks the sessions it touches (a row each in
// session_registry, in sorted order), then reads, folds and writes under those
// locks, so that two servers cannot fold past each other. Conflicts retry the
// whole transaction.
package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/pressly/goose/v3"

	"tandai/internal/store"
)

// Dialect is what one engine does in its own way.
type Dialect struct {
	Name          string // for people: "SQLite", "MySQL"
	Goose         goose.Dialect
	Migrations    fs.FS
	RowsPerInsert int // rows in one INSERT

	Upsert    func(key, set []string) string
	Index     func(name string) string                   // what a FROM says to use that index; PRIMARY = the primary key
	Classify  func(err error) (code string, class error) // by number, never by text
	Duplicate func(err error) bool                       // a unique key is taken
	// Object tells what stands under a name in the database: "", "table" or "view".
	Object     func(ctx context.Context, c *sql.Conn, name string) (string, error)
	CreateView func(name, session string) string
	DropView   func(name string) string
	ForeignDialect
	Server   func(ctx context.Context, db *sql.DB) (store.Server, error) // nil = there is none
	Clock    string                                                      // a SELECT of its time, Unix ms; "" = it has none of its own
	Describe func(ctx context.Context, db *sql.DB) (string, error)
	// Snapshot are the options of a transaction that reads one consistent state.
	Snapshot *sql.TxOptions
	Write    *sql.TxOptions
}

// Config opens a DB.
type Config struct {
	Write, Read *sql.DB // may be the same pool
	Dialect     Dialect
	Now         func() time.Time
	Retry       store.Retry
}

// DB is a store.Store.
type DB struct {
	write, read *sql.DB
	d           Dialect
	q           map[string]string
	now         func() time.Time
	retry       store.Retry
	since       sync.Map // destination → when it was made known, Unix ms
}

var _ store.Store = (*DB)(nil)

// New makes a store of open pools; it does not connect.
func New(cfg Config) (*DB, error) {
	q, err := Queries(cfg.Dialect)
	if err != nil {
		return nil, err
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	cfg.Retry.Attempts = cmp.Or(cfg.Retry.Attempts, 10)
	cfg.Retry.Base = cmp.Or(cfg.Retry.Base, 5*time.Millisecond)
	return &DB{write: cfg.Write, read: cfg.Read, d: cfg.Dialect, q: q, now: cfg.Now, retry: cfg.Retry}, nil
}

// Close closes both pools. It may be called more than once.
func (db *DB) Close() error {
	return errors.Join(db.read.Close(), db.write.Close())
}

// Ping reports whether the database answers.
func (db *DB) Ping(ctx context.Context) error { return db.fault("ping", db.read.PingContext(ctx)) }

// Server names the server that answers.
func (db *DB) Server(ctx context.Context) (store.Server, error) {
	if db.d.Server == nil {
		return store.Server{}, db.Ping(ctx)
	}
	s, err := db.d.Server(ctx, db.read)
	return s, db.fault("ask for the server", err)
}

// Clock is what time the database thinks it is.
func (db *DB) Clock(ctx context.Context) (time.Time, error) {
	if db.d.Clock == "" {
		return db.now(), nil
	}
	var ms int64
	err := db.read.QueryRowContext(ctx, db.d.Clock).Scan(&ms)
	return time.UnixMilli(ms), db.fault("read clock", err)
}

// Describe names the engine and its version; the engine alone when it is away.
func (db *DB) Describe(ctx context.Context) string {
	text, err := db.d.Describe(ctx, db.read)
	if err != nil {
		return db.d.Name
	}
	return text
}

// fault gives a driver's error its class. Errors of our own pass through.
func (db *DB) fault(op string, err error) error {
	if err == nil {
		return nil
	}
	var known *store.Error
	if errors.As(err, &known) {
		return err
	}
	code, class := db.d.Classify(err)
	return &store.Error{Class: class, Code: code, Op: op, Err: err}
}

// update runs do in one write transaction, from the start again when another
// writer was in the way.
func (db *DB) update(ctx context.Context, op string, do func(*sql.Tx) error) error {
	for attempt := 1; ; attempt++ {
		err := db.fault(op, db.once(ctx, do))
		if err == nil || !errors.Is(err, store.ErrConflict) || attempt == db.retry.Attempts {
			return err
		}
		pause := min(db.retry.Base<<(attempt-1), time.Second)
		pause += rand.N(pause)
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
	}
}

func (db *DB) once(ctx context.Context, do func(*sql.Tx) error) error {
	tx, err := db.write.BeginTx(ctx, db.d.Write)
	if err != nil {
		return err
	}
	if err := do(tx); err != nil {
		_ = tx.Rollback() // where the connection is gone this fails too: the first error is the one that matters
		return err
	}
	return commit(ctx, tx)
}

// commit waits for ctx as well: drivers do not, and a database that hangs at a
// commit would hold up a shutdown for good. Whether it was done is then not known,
// as after any error; the connection is of no use until it answers.
func commit(ctx context.Context, tx *sql.Tx) error {
	done := make(chan error, 1)
	go func() { done <- tx.Commit() }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("commit: %w", ctx.Err())
	}
}

// querier is a transaction or a pool.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// each runs a query and calls scan for each row.
func each(ctx context.Context, q querier, query string, args []any, scan func(*sql.Rows) error) error {
	r, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer r.Close()
	for r.Next() {
		if err := scan(r); err != nil {
			return err
		}
	}
	return r.Err()
}

func sorted[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// null is v, or NULL for 0: the database's way of saying never.
func null(v int64) any {
	if v == 0 {
		return nil
	}
	return v
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
