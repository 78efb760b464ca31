package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"tandai/internal/store"
)

const settingZone = "zone"

// defaultZone is the zone of sessions nobody configured.
func (db *DB) defaultZone(ctx context.Context, q querier) (string, error) {
	zone := "Asia/Jakarta"
	err := each(ctx, q, db.q["store_settings.read"], []any{settingZone}, func(r *sql.Rows) error { return r.Scan(&zone) })
	return zone, err
}

// registered is a session's entry as configured.
type registered struct{ client, cs, zone, view string }

// Configure keeps the settings. Sessions whose client or zone changed are
// rebuilt, one after the other; the rest costs one read.
func (db *DB) Configure(ctx context.Context, settings store.Settings) error {
	zone := cmp.Or(settings.Zone, "Asia/Jakarta")
	want := map[string]registered{}
	for _, s := range settings.Sessions {
		want[s.Session] = registered{s.Client, s.CS, cmp.Or(s.Zone, zone), s.View}
	}
	for name, r := range want {
		if _, err := time.LoadLocation(r.zone); err != nil {
			return fmt.Errorf("session %s: %w", name, err)
		}
	}
	err := db.update(ctx, "configure", func(tx *sql.Tx) error {
		if err := db.insert(ctx, tx, "store_settings.insert", [][]any{{settingZone, zone}}); err != nil {
			return err
		}
		have := map[string]registered{}
		err := each(ctx, tx, db.q["session_registry.configured"], nil, func(r *sql.Rows) error {
			var name string
			var s registered
			err := r.Scan(&name, &s.client, &s.cs, &s.zone, &s.view)
			have[name] = s
			return err
		})
		if err != nil {
			return err
		}
		all := map[string]registered{}
		for name, old := range have {
			if configured := old.client != "" || old.cs != "" || old.view != ""; configured && settings.Keep {
				continue
			}
			all[name] = registered{zone: zone} // no longer configured, unless it is
		}
		for name, s := range want {
			all[name] = s
		}
		for _, name := range sorted(all) {
			now, old := all[name], have[name]
			if now == old {
				continue
			}
			row := []any{name, now.client, now.cs, now.zone, now.view}
			if err := db.insert(ctx, tx, "session_registry.configure", [][]any{row}); err != nil {
				return err
			}
			if now.client != old.client || now.zone != old.zone {
				if _, err := tx.ExecContext(ctx, db.q["session_registry.stale"], 1, name); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return db.refreshStale(ctx)
}

// refreshStale rebuilds the sessions whose configuration changed since they were
// last folded; the mark survives a crash half-way.
func (db *DB) refreshStale(ctx context.Context) error {
	var names []string
	err := each(ctx, db.read, db.q["session_registry.stale_list"], nil, func(r *sql.Rows) error {
		var n string
		err := r.Scan(&n)
		names = append(names, n)
		return err
	})
	if err != nil {
		return db.fault("read sessions", err)
	}
	for _, n := range names {
		if _, err := db.Rebuild(ctx, store.RebuildOptions{Sessions: []string{n}}); err != nil {
			return err
		}
		if _, err := db.write.ExecContext(ctx, db.q["session_registry.stale"], 0, n); err != nil {
			return db.fault("configure", err)
		}
	}
	return nil
}

// Missing returns those event ids that neither log holds.
func (db *DB) Missing(ctx context.Context, ids []string) ([]string, error) {
	found := map[string]bool{}
	for rest := ids; len(rest) > 0; {
		part := rest[:min(listSize, len(rest))]
		rest = rest[len(part):]
		args := make([]any, len(part))
		for i, id := range part {
			args[i] = id
		}
		for _, q := range []string{"label_events.known", "label_changes.known"} {
			err := each(ctx, db.read, list(db.q[q], len(part)), args, func(r *sql.Rows) error {
				var id string
				err := r.Scan(&id)
				found[id] = true
				return err
			})
			if err != nil {
				return nil, db.fault("look for events", err)
			}
		}
	}
	var missing []string
	for _, id := range ids {
		if !found[id] {
			missing = append(missing, id)
		}
	}
	return missing, nil
}

// ErrNewerSchema: the database was migrated by a newer Tandai.
var ErrNewerSchema = errors.New("the database's schema is newer than this program: use the newer program, or a copy of the database from before")
