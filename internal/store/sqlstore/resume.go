package sqlstore

import (
	"context"
	"database/sql"
	"slices"

	"tandai/internal/label"
	"tandai/internal/store"
)

// Nearly all events are later than everything their session has recorded. Such
// an event cannot change what came before it: the lead's active spans are state
// enough to fold it, and its history need not be read again. Which events those
// are is told by the session's high water; all others take the long way, refold.

// note remembers a new event for the fold.
func (w *work) note(e label.Event) {
	if e.At <= w.sessions[e.Session].highWater {
		w.touch(e.Session, e.Lead)
		return
	}
	leads := w.fresh[e.Session]
	if leads == nil {
		leads = map[string][]label.Event{}
		w.fresh[e.Session] = leads
	}
	leads[e.Lead] = append(leads[e.Lead], e)
}

// resume folds the leads that have nothing but new events above the high water.
func (w *work) resume(ctx context.Context) error {
	if len(w.fresh) == 0 {
		return nil
	}
	deletions, err := w.db.readDeletions(ctx, w.tx, sorted(w.fresh))
	if err != nil {
		return err
	}
	k := Keys{}
	for session, leads := range w.fresh {
		for l := range w.touched[session] {
			delete(leads, l) // refold reads them whole, these events included
		}
		if len(leads) > 0 {
			k[session] = sorted(leads)
		}
		above := w.sessions[session].highWater
		deletions[session] = slices.DeleteFunc(deletions[session], func(d label.Deletion) bool { return d.At <= above })
	}
	active := map[string]map[string][]label.Span{}
	err = w.db.eachKey(ctx, w.tx, "label_spans.active_of_leads", k, func(r *sql.Rows) error {
		var s label.Span
		if err := r.Scan(&s.Session, &s.Lead, &s.LabelID, &s.StartedAt, &s.StartUnknown, &s.Ambiguous, &s.ChatID, &s.Client, &s.CS); err != nil {
			return err
		}
		if active[s.Session] == nil {
			active[s.Session] = map[string][]label.Span{}
		}
		active[s.Session][s.Lead] = append(active[s.Session][s.Lead], s)
		return nil
	})
	if err != nil {
		return err
	}
	var diff foldDiff
	for _, session := range sorted(k) {
		for _, l := range k[session] {
			before := active[session][l]
			spans, derived := label.Resume(before, w.fresh[session][l], deletions[session])
			for _, want := range spans {
				i := slices.IndexFunc(before, func(s label.Span) bool { return keyOf(s) == keyOf(want) })
				switch {
				case i < 0:
					diff.spans = append(diff.spans, spanDiff{nil, &want})
				case before[i] != want:
					diff.spans = append(diff.spans, spanDiff{&before[i], &want})
				}
			}
			for _, want := range derived {
				if want.LabelName, err = w.nameOf(ctx, w.tx, want); err != nil {
					return err
				}
				diff.derived = append(diff.derived, derivedDiff{nil, &want})
			}
		}
	}
	return w.apply(ctx, diff)
}

// raiseHighWater carries each session's high water above the batch.
func (w *work) raiseHighWater(ctx context.Context, in []store.Input) error {
	raised := map[string]int64{}
	for _, i := range in {
		var at int64
		switch {
		case i.Event != nil:
			at = i.Event.At
		case i.Change != nil && i.Change.Deleted:
			at = i.Change.At
		}
		if at > w.sessions[i.Session].highWater {
			raised[i.Session] = max(raised[i.Session], at)
		}
	}
	var rows [][]any
	for _, session := range sorted(raised) {
		rows = append(rows, []any{session, raised[session]})
	}
	return w.db.insert(ctx, w.tx, "session_registry.high_water", rows)
}
