package sqlstore

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/pressly/goose/v3"

	"tandai/internal/store"
)

// A migration is done under a lease: a row that its holder renews, so that a
// holder that died gives it up by itself. Engines differ in the locks they have;
// a row they all have.
const (
	leaseTime  = 30 * time.Second
	leaseRenew = 5 * time.Second
	leaseWait  = 500 * time.Millisecond
)

// Migrate brings the schema up to date. Of several servers started at once, one
// does it and the others wait.
func (db *DB) Migrate(ctx context.Context) (int, error) {
	provider, err := db.provider()
	if err != nil {
		return 0, err
	}
	have, want, err := db.SchemaVersion(ctx)
	if err != nil {
		return 0, err
	}
	switch {
	case have > want:
		return 0, &store.Error{Class: store.ErrUnavailable, Op: "migrate", Err: fmt.Errorf("%w (%d, this one knows %d)", ErrNewerSchema, have, want)}
	case have == want:
		return 0, nil
	}
	release, err := db.lease(ctx)
	if err != nil {
		return 0, db.fault("lock for migration", err)
	}
	defer release()
	// Under the lease only: several that make goose's table at once find it half made.
	if err := db.mend(ctx, provider); err != nil {
		return 0, db.fault("read schema version", err)
	}
	results, err := provider.Up(ctx)
	if err != nil {
		return 0, db.fault("migrate", err)
	}
	return len(results), nil
}

// SchemaVersion says where the schema stands, and where this program wants it. It
// only reads: commands that promise to change nothing ask it, also as users who may
// not, of databases that have never been migrated. Goose would make its table.
func (db *DB) SchemaVersion(ctx context.Context) (have, want int64, err error) {
	provider, err := db.provider()
	if err != nil {
		return 0, 0, err
	}
	begun, err := db.begun(ctx)
	if err != nil {
		return 0, 0, db.fault("read schema version", err)
	}
	if !begun {
		sources := provider.ListSources()
		return 0, sources[len(sources)-1].Version, nil
	}
	have, want, err = provider.GetVersions(ctx)
	return have, want, db.fault("read schema version", err)
}

// begun reports whether goose's table is there and has a row.
func (db *DB) begun(ctx context.Context) (bool, error) {
	conn, err := db.read.Conn(ctx)
	if err != nil {
		return false, err
	}
	defer conn.Close()
	if kind, err := db.d.Object(ctx, conn, "goose_db_version"); err != nil || kind == "" {
		return false, err
	}
	var rows int
	err = conn.QueryRowContext(ctx, db.q["goose_db_version.count"]).Scan(&rows)
	return rows > 0, err
}

// mend makes good what a kill between the making of goose's table and the table's
// first row leaves: a table that goose then refuses for ever.
func (db *DB) mend(ctx context.Context, provider *goose.Provider) error {
	_, _, err := provider.GetVersions(ctx)
	if err == nil {
		return nil
	}
	var rows int
	if db.write.QueryRowContext(ctx, db.q["goose_db_version.count"]).Scan(&rows) != nil || rows > 0 {
		return err
	}
	if _, mendErr := db.write.ExecContext(ctx, db.q["goose_db_version.first"]); mendErr != nil {
		return errors.Join(err, mendErr)
	}
	return nil
}

func (db *DB) provider() (*goose.Provider, error) {
	return goose.NewProvider(db.d.Goose, db.write, db.d.Migrations, goose.WithDisableGlobalRegistry(true))
}

func (db *DB) lease(ctx context.Context) (release func(), err error) {
	var raw [16]byte
	if _, err := rand.Read(raw[:]); err != nil {
		return nil, err
	}
	owner := hex.EncodeToString(raw[:])
	if _, err := db.write.ExecContext(ctx, db.q["migration_lease.create"]); err != nil {
		return nil, err
	}
	take := func(ctx context.Context) (bool, error) {
		now := db.now()
		until := now.Add(leaseTime).UnixMilli()
		_, err := db.write.ExecContext(ctx, db.q["migration_lease.insert"], owner, until)
		if err == nil {
			return true, nil
		}
		if !db.d.Duplicate(err) {
			return false, err
		}
		res, err := db.write.ExecContext(ctx, db.q["migration_lease.take"], owner, until, owner, now.UnixMilli())
		if err != nil {
			return false, err
		}
		n, err := res.RowsAffected()
		return n > 0, err
	}
	for {
		got, err := take(ctx)
		if err != nil && !errors.Is(db.fault("take lease", err), store.ErrConflict) {
			return nil, err
		}
		if got {
			break
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(leaseWait):
		}
	}
	renewing, stop := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			select {
			case <-renewing.Done():
				return
			case <-time.After(leaseRenew):
				_, _ = take(renewing) // a failed renewal is tried again before the lease ends
			}
		}
	}()
	return func() {
		stop()
		<-done
		clean, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaseRenew)
		defer cancel()
		_, _ = db.write.ExecContext(clean, db.q["migration_lease.delete"], owner) // else it ends by itself
	}, nil
}
