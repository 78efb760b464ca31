package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"

	"tandai/internal/label"
)

// dayRow is a row of label_daily.
type dayRow struct {
	label.DayChange
	active int
}

// writeDays carries what the fold changed into label_daily. A day in the past
// moves the number of active labels of every later day.
func (w *work) writeDays(ctx context.Context) error {
	about, since := set{}, ""
	for k, changes := range w.days {
		for day, c := range changes {
			if c == (label.DayChange{}) {
				delete(changes, day)
			} else if since == "" || day < since {
				since = day
			}
		}
		if len(changes) > 0 {
			about.add(k.session, k.label)
		}
	}
	stored, err := w.storedDays(ctx, about.keys(), since)
	if err != nil {
		return err
	}
	var write, drop [][]any
	for _, k := range sortedLabels(w.days) {
		changes := w.days[k]
		if len(changes) == 0 {
			continue
		}
		first := sorted(changes)[0]
		rows := stored[k]
		if rows == nil {
			rows = map[string]dayRow{}
		}
		active := 0
		if d, ok := rows[first]; ok {
			active = d.active - d.Net()
		} else if active, err = w.activeBefore(ctx, k, first); err != nil {
			return err
		}
		for day := range changes {
			if _, ok := rows[day]; !ok {
				rows[day] = dayRow{active: -1} // not there yet: whatever it becomes is a change
			}
		}
		for _, day := range sorted(rows) {
			if day < first {
				continue
			}
			old := rows[day]
			now := old
			c := changes[day]
			now.Added, now.Found, now.Removed = now.Added+c.Added, now.Found+c.Found, now.Removed+c.Removed
			active += now.Net()
			now.active = active
			switch {
			case now == old:
			case now.DayChange == label.DayChange{}:
				drop = append(drop, []any{k.session, k.label, day})
			default:
				write = append(write, []any{k.session, k.label, day, now.Added, now.Found, now.Removed, now.active})
			}
		}
	}
	w.days = map[labelKey]map[string]label.DayChange{}
	for _, key := range drop {
		if _, err := w.tx.ExecContext(ctx, w.db.q["label_daily.delete"], key...); err != nil {
			return err
		}
	}
	return w.db.insert(ctx, w.tx, "label_daily.insert", write)
}

// storedDays reads the rows of some labels from a day on.
func (w *work) storedDays(ctx context.Context, about Keys, since string) (map[labelKey]map[string]dayRow, error) {
	stored := map[labelKey]map[string]dayRow{}
	err := w.db.eachKeyAnd(ctx, w.tx, "label_daily.since", about, []any{since}, func(r *sql.Rows) error {
		var k labelKey
		var day string
		var d dayRow
		err := r.Scan(&k.session, &k.label, &day, &d.Added, &d.Found, &d.Removed, &d.active)
		if stored[k] == nil {
			stored[k] = map[string]dayRow{}
		}
		stored[k][day] = d
		return err
	})
	return stored, err
}

func (w *work) activeBefore(ctx context.Context, k labelKey, day string) (int, error) {
	var active int
	err := w.tx.QueryRowContext(ctx, w.db.q["label_daily.before"], k.session, k.label, day).Scan(&active)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return active, err
}

func sortedLabels[V any](m map[labelKey]V) []labelKey {
	keys := make([]labelKey, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b labelKey) int {
		return cmp.Or(cmp.Compare(a.session, b.session), cmp.Compare(a.label, b.label))
	})
	return keys
}
