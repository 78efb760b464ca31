package sqlstore

import (
	"context"
	"database/sql"

	"tandai/internal/label"
	"tandai/internal/store"
)

// LabelStates returns what is known of the labels of a session now.
func (db *DB) LabelStates(ctx context.Context, session string) ([]store.LabelState, error) {
	byID := map[string]*store.LabelState{}
	of := func(id string) *store.LabelState {
		if byID[id] == nil {
			byID[id] = &store.LabelState{LabelID: id, Color: label.NoColor}
		}
		return byID[id]
	}
	for _, q := range []struct {
		name string
		scan func(*sql.Rows) error
	}{
		{"labels.open", func(r *sql.Rows) error {
			var s store.LabelState
			err := r.Scan(&s.LabelID, &s.Name, &s.Color, &s.From)
			*of(s.LabelID) = s
			return err
		}},
		{"label_changes.last_deleted", func(r *sql.Rows) error {
			var id string
			var at int64
			err := r.Scan(&id, &at)
			of(id).DeletedAt = at
			return err
		}},
		{"label_notes.read", func(r *sql.Rows) error {
			var n store.LabelNote
			err := r.Scan(&n.LabelID, &n.Missing, &n.Name, &n.Color, &n.At)
			of(n.LabelID).Note = &n
			return err
		}},
	} {
		if err := each(ctx, db.read, db.q[q.name], []any{session}, q.scan); err != nil {
			return nil, db.fault("read labels", err)
		}
	}
	var all []store.LabelState
	for _, id := range sorted(byID) {
		s := byID[id]
		if s.Note != nil && s.Note.Missing {
			if err := db.read.QueryRowContext(ctx, db.q["label_events.last_added"], session, id).Scan(&s.AddedAt); err != nil {
				return nil, db.fault("read labels", err)
			}
		}
		all = append(all, *s)
	}
	return all, nil
}

// NoteLabels keeps notes and drops those of other labels.
func (db *DB) NoteLabels(ctx context.Context, session string, keep []store.LabelNote, drop []string) error {
	if len(keep) == 0 && len(drop) == 0 {
		return nil
	}
	return db.update(ctx, "note labels", func(tx *sql.Tx) error {
		var write [][]any
		for _, n := range keep {
			write = append(write, []any{session, n.LabelID, bit(n.Missing), n.Name, n.Color, n.At})
		}
		if err := db.insert(ctx, tx, "label_notes.insert", write); err != nil {
			return err
		}
		return db.execList(ctx, tx, "label_notes.delete", []any{session}, drop)
	})
}
