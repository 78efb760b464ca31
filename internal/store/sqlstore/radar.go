package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"

	"tandai/internal/store"
)

var _ store.RadarStore = (*DB)(nil)

// AddActivity adds counts and listened-to minutes.
func (db *DB) AddActivity(ctx context.Context, counts []store.Activity, heard []store.HeardHour) error {
	// In one order everywhere, so that two servers do not wait for each other in a ring.
	counts, heard = slices.Clone(counts), slices.Clone(heard)
	slices.SortFunc(counts, func(a, b store.Activity) int {
		return cmp.Or(cmp.Compare(a.Session, b.Session), cmp.Compare(a.Hour, b.Hour))
	})
	slices.SortFunc(heard, func(a, b store.HeardHour) int { return cmp.Compare(a.Hour, b.Hour) })
	var hours, listened [][]any
	for _, c := range counts {
		hours = append(hours, []any{c.Session, c.Hour, c.Events, int64(c.Minutes)})
	}
	for _, h := range heard {
		listened = append(listened, []any{h.Hour, int64(h.Minutes)})
	}
	return db.update(ctx, "add activity", func(tx *sql.Tx) error {
		if err := db.insert(ctx, tx, "session_hours.insert", hours); err != nil {
			return err
		}
		return db.insert(ctx, tx, "heard_hours.insert", listened)
	})
}

// ActivitySince reads the rows from an hour on.
func (db *DB) ActivitySince(ctx context.Context, hour int64, yield func(store.Activity) error) error {
	err := each(ctx, db.read, db.q["session_hours.since"], []any{hour}, func(r *sql.Rows) error {
		var a store.Activity
		var minutes int64
		if err := r.Scan(&a.Session, &a.Hour, &a.Events, &minutes); err != nil {
			return err
		}
		a.Minutes = uint64(minutes)
		return yield(a)
	})
	return db.fault("read activity", err)
}

// HeardSince reads the listened-to minutes from an hour on.
func (db *DB) HeardSince(ctx context.Context, hour int64) ([]store.HeardHour, error) {
	var all []store.HeardHour
	err := each(ctx, db.read, db.q["heard_hours.since"], []any{hour}, func(r *sql.Rows) error {
		var h store.HeardHour
		var minutes int64
		err := r.Scan(&h.Hour, &minutes)
		h.Minutes = uint64(minutes)
		all = append(all, h)
		return err
	})
	return all, db.fault("read heard hours", err)
}

// PruneActivity removes what is before an hour.
func (db *DB) PruneActivity(ctx context.Context, before int64) (int64, error) {
	var removed int64
	err := db.update(ctx, "prune activity", func(tx *sql.Tx) error {
		removed = 0
		for _, name := range []string{"session_hours.prune", "heard_hours.prune"} {
			res, err := tx.ExecContext(ctx, db.q[name], before)
			if err != nil {
				return err
			}
			n, err := res.RowsAffected()
			if err != nil {
				return err
			}
			removed += n
		}
		return nil
	})
	return removed, err
}

// TakeLease takes or renews a lease.
func (db *DB) TakeLease(ctx context.Context, name, owner string, now, until int64) (bool, error) {
	held := false
	err := db.update(ctx, "take lease", func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, db.q["radar_lease.take"], owner, until, name, owner, now); err != nil {
			return err
		}
		// Whether a row changed is not asked: MySQL does not count one that is written
		// as it was.
		var who string
		err := tx.QueryRowContext(ctx, db.q["radar_lease.read"], name).Scan(&who)
		if errors.Is(err, sql.ErrNoRows) {
			_, err = tx.ExecContext(ctx, db.q["radar_lease.insert"], name, owner, until)
			if err != nil && db.d.Duplicate(err) { // another was first: MySQL has rolled back the statement alone
				held = false
				return nil
			}
			who = owner
		}
		held = err == nil && who == owner
		return err
	})
	return held, err
}

// RaiseAlarm writes a new open alarm.
func (db *DB) RaiseAlarm(ctx context.Context, a store.Alarm) (bool, error) {
	detail, err := json.Marshal(a.Detail)
	if err != nil {
		return false, err
	}
	raised := false
	err = db.update(ctx, "raise alarm", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, db.q["alarms.insert"], a.ID, string(a.Kind), a.Subject, openKey(a), a.RaisedAt, null(a.ClearedAt), a.Since,
			a.ChangedAt, a.Revision, a.Told, a.ToldAt, a.Flaps, a.Restarts, a.RestartedAt, string(detail))
		if err != nil && db.d.Duplicate(err) {
			raised = false
			return nil
		}
		raised = err == nil
		return err
	})
	return raised, err
}

// SaveAlarm writes what may change of an alarm.
func (db *DB) SaveAlarm(ctx context.Context, a store.Alarm, was int64) (bool, error) {
	detail, err := json.Marshal(a.Detail)
	if err != nil {
		return false, err
	}
	saved := false
	err = db.update(ctx, "save alarm", func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, db.q["alarms.save"], openKey(a), null(a.ClearedAt), a.Since, a.ChangedAt, a.Revision, a.Told, a.ToldAt,
			a.Flaps, a.Restarts, a.RestartedAt, string(detail), a.ID, was)
		if err != nil {
			if db.d.Duplicate(err) {
				saved = false
				return nil
			}
			return err
		}
		n, err := res.RowsAffected()
		saved = n > 0
		return err
	})
	return saved, err
}

// openKey is taken by one open alarm of a kind and subject; cleared ones have none.
func openKey(a store.Alarm) any {
	if a.ClearedAt != 0 {
		return nil
	}
	return string(a.Kind) + " " + a.Subject
}

// OpenAlarms returns the open alarms, oldest first.
func (db *DB) OpenAlarms(ctx context.Context) ([]store.Alarm, error) {
	return db.alarms(ctx, "alarms.open")
}

// RecentAlarms returns alarms since a time, newest first.
func (db *DB) RecentAlarms(ctx context.Context, since int64, limit int) ([]store.Alarm, error) {
	return db.alarms(ctx, "alarms.recent", since, since, limit)
}

func (db *DB) alarms(ctx context.Context, query string, args ...any) ([]store.Alarm, error) {
	var all []store.Alarm
	err := each(ctx, db.read, db.q[query], args, func(r *sql.Rows) error {
		var a store.Alarm
		var kind, detail string
		if err := r.Scan(&a.ID, &kind, &a.Subject, &a.RaisedAt, &a.ClearedAt, &a.Since, &a.ChangedAt, &a.Revision, &a.Told, &a.ToldAt,
			&a.Flaps, &a.Restarts, &a.RestartedAt, &detail); err != nil {
			return err
		}
		a.Kind = store.AlarmKind(kind)
		all = append(all, a)
		return json.Unmarshal([]byte(detail), &all[len(all)-1].Detail)
	})
	return all, db.fault("read alarms", err)
}
