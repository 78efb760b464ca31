package report

import (
	"context"
	"fmt"
	"time"
)

// DatabaseState says whether the database can be read.
type DatabaseState string

// The states of the database. Migrating means that it answers and its schema
// is older than this program needs.
const (
	Up        DatabaseState = "up"
	Away      DatabaseState = "away"
	Migrating DatabaseState = "migrating"
)

// Database is how the database is doing.
type Database struct {
	State      DatabaseState
	Since      int64  // Away: since when, Unix ms, as far as anybody noticed
	Engine     string // for people, without secrets; "" until it was reached
	Have, Want int64  // steps of the schema; 0 until it was reached
	Err        error  // Away: what it said
}

// unreadable is why nothing can be read from the database; nil while it is up.
func (d Database) unreadable() error {
	switch d.State {
	case Up:
		return nil
	case Migrating:
		return fmt.Errorf("the schema is at step %d of %d", d.Have, d.Want)
	}
	return d.Err
}

// about is what a database says of itself.
type about struct {
	engine     string
	have, want int64
}

// pingTimeout is how long a database may take to say that it is there.
const pingTimeout = time.Second

func (r *Reports) askDatabase(ctx context.Context) (about, error) {
	ctx, cancel := context.WithTimeout(ctx, pingTimeout)
	defer cancel()
	if err := r.cfg.Store.Ping(ctx); err != nil {
		return about{}, fmt.Errorf("ping: %w", err)
	}
	r.mu.Lock()
	known := r.database.Part
	r.mu.Unlock()
	if known.Known() && known.Err == nil && known.Value.have >= known.Value.want {
		return known.Value, nil // a schema does not go back, nor the engine change, while it is up
	}
	have, want, err := r.cfg.Store.SchemaVersion(ctx)
	if err != nil {
		return about{}, fmt.Errorf("schema version: %w", err)
	}
	return about{engine: r.cfg.Store.Describe(ctx), have: have, want: want}, nil
}

// databaseNow is called with r.mu held.
func (r *Reports) databaseNow() Database {
	p := r.database
	d := Database{State: Up, Engine: p.Value.engine, Have: p.Value.have, Want: p.Value.want}
	switch {
	case p.Err != nil:
		d.State, d.Since, d.Err = Away, p.failedAt, p.Err
		if r.cfg.AwaySince != nil {
			if since := r.cfg.AwaySince(); since != 0 && since < d.Since {
				d.Since = since
			}
		}
	case !p.Known():
		d.State, d.Since, d.Err = Away, r.cfg.Now().UnixMilli(), errNotYet
	case d.Have < d.Want:
		d.State = Migrating
	}
	return d
}
