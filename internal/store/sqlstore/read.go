package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"slices"
	"strings"

	"tandai/internal/store"
)

const logColumns = 14

func scanLog(r *sql.Rows) (store.LogRow, error) {
	var l store.LogRow
	var notBefore sql.NullInt64
	dest := [logColumns]any{&l.EventID, &l.At, &l.Client, &l.CS, &l.Lead, &l.LabelID, &l.LabelName, &l.Status, &l.Session, &l.ChatID,
		&l.Source, &notBefore, &l.StartUnknown, &l.ReceivedAt}
	err := r.Scan(dest[:]...)
	if notBefore.Valid {
		l.NotBefore = &notBefore.Int64
	}
	return l, err
}

// exportPage is how many rows one statement of an export reads: an export holds
// no transaction open, however long its reader takes.
const exportPage = 5000

// Export reads the log in the order of timestamp_unix and event_id.
func (db *DB) Export(ctx context.Context, f store.ExportFilter, yield func(store.LogRow) error) error {
	if f.Until == 0 {
		f.Until = 1<<63 - 1
	}
	at, id := f.Since, ""
	for {
		var page []store.LogRow
		args := []any{at, f.Until, at, id, f.Session, f.Session, exportPage}
		err := each(ctx, db.read, db.q["label_events.export"], args, func(r *sql.Rows) error {
			row, err := scanLog(r)
			page = append(page, row)
			return err
		})
		if err != nil {
			return db.fault("export", err)
		}
		for _, row := range page {
			if err := yield(row); err != nil {
				return err
			}
		}
		if len(page) < exportPage {
			return nil
		}
		at, id = page[len(page)-1].At, page[len(page)-1].EventID
	}
}

// LogAt reads the log at some times. See store.Importing.
func (db *DB) LogAt(ctx context.Context, session string, at []int64, yield func(store.LogRow) error) error {
	for part := range slices.Chunk(at, listSize) {
		args := []any{session}
		for _, ms := range part {
			args = append(args, ms)
		}
		err := each(ctx, db.read, list(db.q["label_events.at"], len(part)), args, func(r *sql.Rows) error {
			row, err := scanLog(r)
			if err != nil {
				return err
			}
			return yield(row)
		})
		if err != nil {
			return db.fault("read the log at some times", err)
		}
	}
	return nil
}

// Recent returns the newest rows of the log, newest first.
func (db *DB) Recent(ctx context.Context, limit int) ([]store.LogRow, error) {
	var all []store.LogRow
	err := each(ctx, db.read, db.q["label_events.recent"], []any{limit}, func(r *sql.Rows) error {
		row, err := scanLog(r)
		all = append(all, row)
		return err
	})
	return all, db.fault("read recent changes", err)
}

// Active counts the leads that carry a label now, by client and label. A lead that
// has it in two sessions of the client is one lead.
func (db *DB) Active(ctx context.Context) ([]store.ActiveCount, error) {
	var all []store.ActiveCount
	err := each(ctx, db.read, db.q["active_labels.count"], nil, func(r *sql.Rows) error {
		var c store.ActiveCount
		err := r.Scan(&c.Client, &c.LabelName, &c.Leads)
		all = append(all, c)
		return err
	})
	slices.SortFunc(all, func(a, b store.ActiveCount) int {
		return cmp.Or(cmp.Compare(a.Client, b.Client), cmp.Compare(a.LabelName, b.LabelName))
	})
	return all, db.fault("count active labels", err)
}

// SessionList returns all known sessions by name.
func (db *DB) SessionList(ctx context.Context) ([]store.SessionInfo, error) {
	var all []store.SessionInfo
	err := each(ctx, db.read, db.q["session_registry.list"], nil, func(r *sql.Rows) error {
		var s store.SessionInfo
		err := r.Scan(&s.Session, &s.Client, &s.CSName, &s.Number, &s.Zone, &s.View, &s.ViewNote, &s.Status, &s.StatusAt)
		all = append(all, s)
		return err
	})
	return all, db.fault("list sessions", err)
}

// Totals counts the main tables.
func (db *DB) Totals(ctx context.Context) (store.Totals, error) {
	var t store.Totals
	for _, q := range []struct {
		name string
		into *int64
	}{{"label_events.count", &t.Events}, {"label_spans.count", &t.Spans}, {"label_spans.active", &t.Active}} {
		if err := db.read.QueryRowContext(ctx, db.q[q.name]).Scan(q.into); err != nil {
			return t, db.fault("count "+strings.Split(q.name, ".")[0], err)
		}
	}
	return t, nil
}
