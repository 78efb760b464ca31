package sqlstore

import (
	"context"
	"database/sql"
	"slices"

	"tandai/internal/label"
)

// refold folds every touched lead again from its rows in the log, and writes
// what differs from the stored spans and derived rows.
func (w *work) refold(ctx context.Context) error {
	if len(w.touched) == 0 {
		return nil
	}
	deletions, err := w.db.readDeletions(ctx, w.tx, sorted(w.touched))
	if err != nil {
		return err
	}
	for _, session := range sorted(w.touched) {
		for leads := range slices.Chunk(sorted(w.touched[session]), listSize) {
			diff, err := w.compare(ctx, w.tx, session, leads, deletions[session])
			if err != nil {
				return err
			}
			if err := w.apply(ctx, diff); err != nil {
				return err
			}
		}
	}
	w.touched = map[string]map[string]bool{}
	return nil
}

func (db *DB) readDeletions(ctx context.Context, q querier, sessions []string) (map[string][]label.Deletion, error) {
	all := map[string][]label.Deletion{}
	for part := range slices.Chunk(sessions, listSize) {
		args := make([]any, len(part))
		for i, s := range part {
			args[i] = s
		}
		err := each(ctx, q, list(db.q["label_changes.deletions"], len(part)), args, func(r *sql.Rows) error {
			var d label.Deletion
			err := r.Scan(&d.ID, &d.Session, &d.LabelID, &d.At, &d.ReceivedAt)
			all[d.Session] = append(all[d.Session], d)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// spanKey is the primary key of label_spans.
type spanKey struct {
	session, lead, label string
	startedAt            int64
}

func keyOf(s label.Span) spanKey { return spanKey{s.Session, s.Lead, s.LabelID, s.StartedAt} }

// foldDiff is where stored spans and derived rows are not what the log says.
type foldDiff struct {
	spans   []spanDiff
	derived []derivedDiff
	events  int // rows of the log that were read
	stored  int // spans that were read
	want    []label.Span
}

// spanDiff is one span as stored and as folded; nil where there is none.
type spanDiff struct{ have, want *label.Span }

type derivedDiff struct{ have, want *label.Event }

// compare folds some leads of one session and compares with what is stored.
func (w *work) compare(ctx context.Context, q querier, session string, leads []string, deletions []label.Deletion) (foldDiff, error) {
	byLead, derived, err := w.readLeads(ctx, q, session, leads)
	if err != nil {
		return foldDiff{}, err
	}
	return w.compareWith(ctx, q, session, leads, deletions, byLead, derived)
}

// readLeads reads the log of some leads: what was observed, by lead, and what a
// fold has derived, by event id.
func (w *work) readLeads(ctx context.Context, q querier, session string, leads []string) (map[string][]label.Event, map[string]label.Event, error) {
	byLead := map[string][]label.Event{}
	derived := map[string]label.Event{}
	err := w.db.eachKey(ctx, q, "label_events.fold", Keys{session: leads}, func(r *sql.Rows) error {
		e := label.Event{Session: session}
		if err := r.Scan(&e.ID, &e.At, &e.Client, &e.CS, &e.Lead, &e.LabelID, &e.LabelName, &e.Status, &e.ChatID, &e.Source, &e.StartUnknown, &e.ReceivedAt); err != nil {
			return err
		}
		if e.Source == label.FromLabelDeleted {
			derived[e.ID] = e
		} else {
			byLead[e.Lead] = append(byLead[e.Lead], e)
		}
		return nil
	})
	return byLead, derived, err
}

// compareWith folds what the log holds of some leads, and compares with what is
// stored.
func (w *work) compareWith(ctx context.Context, q querier, session string, leads []string, deletions []label.Deletion,
	byLead map[string][]label.Event, derived map[string]label.Event) (foldDiff, error) {
	diff := foldDiff{events: len(derived)}
	for _, events := range byLead {
		diff.events += len(events)
	}
	k := Keys{session: leads}
	stored := map[spanKey]label.Span{}
	err := w.db.eachKey(ctx, q, "label_spans.fold", k, func(r *sql.Rows) error {
		s := label.Span{Session: session}
		var ended sql.NullInt64
		err := r.Scan(&s.Lead, &s.LabelID, &s.StartedAt, &ended, &s.StartUnknown, &s.Ambiguous, &s.ChatID, &s.Client, &s.CS)
		s.EndedAt = ended.Int64
		stored[keyOf(s)] = s
		return err
	})
	if err != nil {
		return diff, err
	}
	diff.stored = len(stored)
	for _, l := range leads {
		spans, rows := label.Fold(byLead[l], deletions)
		diff.want = append(diff.want, spans...)
		for _, want := range spans {
			have, ok := stored[keyOf(want)]
			switch {
			case !ok:
				diff.spans = append(diff.spans, spanDiff{nil, &want})
			case have != want:
				diff.spans = append(diff.spans, spanDiff{&have, &want})
			}
			delete(stored, keyOf(want))
		}
		for _, want := range rows {
			if want.LabelName, err = w.nameOf(ctx, q, want); err != nil {
				return diff, err
			}
			have, ok := derived[want.ID]
			switch {
			case !ok:
				diff.derived = append(diff.derived, derivedDiff{nil, &want})
			case have != want:
				diff.derived = append(diff.derived, derivedDiff{&have, &want})
			}
			delete(derived, want.ID)
		}
	}
	for _, have := range stored {
		diff.spans = append(diff.spans, spanDiff{&have, nil})
	}
	for _, have := range derived {
		diff.derived = append(diff.derived, derivedDiff{&have, nil})
	}
	return diff, nil
}

// nameOf is the name a derived row carries. Versions of labels the batch did not
// bring are read when first asked for.
func (w *work) nameOf(ctx context.Context, q querier, e label.Event) (string, error) {
	k := labelKey{e.Session, e.LabelID}
	if _, ok := w.versions[k]; !ok {
		cat, err := w.db.readCatalog(ctx, q, Keys{k.session: {k.label}})
		if err != nil {
			return "", err
		}
		w.versions[k] = cat.versions()[k]
	}
	return label.NameAt(w.versions[k], e.Status, e.At), nil
}

// apply writes a diff and remembers what it does to the days.
func (w *work) apply(ctx context.Context, diff foldDiff) error {
	var write, drop [][]any
	for _, d := range diff.spans {
		if d.have != nil {
			w.count(*d.have, -1)
		}
		if d.want != nil {
			w.count(*d.want, +1)
			write = append(write, spanRow(*d.want))
			w.ambiguous(d)
		} else {
			drop = append(drop, []any{d.have.Session, d.have.Lead, d.have.LabelID, d.have.StartedAt})
		}
	}
	for _, key := range drop {
		if _, err := w.tx.ExecContext(ctx, w.db.q["label_spans.delete"], key...); err != nil {
			return err
		}
	}
	if err := w.db.insert(ctx, w.tx, "label_spans.insert", write); err != nil {
		return err
	}
	w.done.Spans += len(write) + len(drop)

	var withdraw []string
	var add [][]any
	for _, d := range diff.derived {
		if d.have != nil {
			withdraw = append(withdraw, d.have.ID)
		}
		if d.want != nil {
			add = append(add, eventRow(*d.want))
		}
	}
	if err := w.db.execList(ctx, w.tx, "label_events.withdraw", nil, withdraw); err != nil {
		return err
	}
	return w.db.insert(ctx, w.tx, "label_events.insert", add)
}

func spanRow(s label.Span) []any {
	return []any{s.Session, s.Lead, s.LabelID, s.StartedAt, null(s.EndedAt), bit(s.StartUnknown), bit(s.Ambiguous), s.ChatID, s.Client, s.CS}
}

func (w *work) count(s label.Span, sign int) {
	k := labelKey{s.Session, s.LabelID}
	if w.days[k] == nil {
		w.days[k] = map[string]label.DayChange{}
	}
	label.CountDays(w.days[k], s, w.sessions[s.Session].zone, sign)
}

// ambiguous notes a session in which a span has become ambiguous: its labels are
// worth another look at what WAHA shows.
func (w *work) ambiguous(d spanDiff) {
	if d.want.Ambiguous && (d.have == nil || !d.have.Ambiguous) && !slices.Contains(w.done.Ambiguous, d.want.Session) {
		w.done.Ambiguous = append(w.done.Ambiguous, d.want.Session)
	}
}
