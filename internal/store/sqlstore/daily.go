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
	var write, drop [][]any
	for _, k := range sortedLabels(w.days) {
		changes := w.days[k]
		days := sorted(changes)
		days = slices.DeleteFunc(days, func(d string) bool { return changes[d] == label.DayChange{} })
		if len(days) == 0 {
			continue
		}
		stored := map[string]dayRow{}
		err := each(ctx, w.tx, w.db.q["label_daily.since"], []any{k.session, k.label, days[0]}, func(r *sql.Rows) error {
			var day string
			var d dayRow
			err := r.Scan(&day, &d.Added, &d.Found, &d.Removed, &d.active)
			stored[day] = d
			return err
		})
		if err != nil {
			return err
		}
		active := 0
		if first, ok := stored[days[0]]; ok {
			active = first.active - first.Net()
		} else if active, err = w.activeBefore(ctx, k, days[0]); err != nil {
			return err
		}
		for _, d := range days {
			if _, ok := stored[d]; !ok {
				stored[d] = dayRow{active: -1} // not there yet: whatever it becomes is a change
			}
		}
		for _, day := range sorted(stored) {
			old := stored[day]
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
