package sqlstore

import (
	"context"
	"database/sql"
	"slices"

	"tandai/internal/label"
	"tandai/internal/store"
)

const (
	kindScan    = "scan"
	kindWorking = "working"
)

// kindOfStatus is what a status says about pairing; "" when nothing.
func kindOfStatus(status string) string {
	switch status {
	case "SCAN_QR_CODE", "PASSKEY_REQUIRED", "PASSKEY_CONFIRMATION_REQUIRED":
		return kindScan
	case "WORKING":
		return kindWorking
	}
	return ""
}

type moment struct {
	kind string
	at   int64
}

// learnPairings keeps when NOWEB sessions showed a code and when they worked, and
// refills start_unknown of the rows near a time at which one was paired, or is
// now known not to have been. After it every session of the batch knows the
// pairings that its new events may come with.
func (w *work) learnPairings(ctx context.Context, in []store.Input) error {
	seen := map[string]map[moment]bool{}
	adds := map[string]segment{}
	for _, i := range in {
		for _, s := range i.Statuses {
			kind := kindOfStatus(s.Status)
			if kind == "" || i.Engine != store.EngineNOWEB || s.At <= 0 {
				continue
			}
			if seen[i.Session] == nil {
				seen[i.Session] = map[moment]bool{}
			}
			seen[i.Session][moment{kind, s.At}] = true
		}
		if e := i.Event; e != nil && mayBeBurst(*e) {
			r, ok := adds[i.Session]
			if !ok {
				r = segment{from: e.At, to: e.At}
			}
			adds[i.Session] = segment{from: min(r.from, e.At), to: max(r.to, e.At)}
		}
	}
	var write [][]any
	for _, session := range sorted(seen) {
		for m := range seen[session] {
			write = append(write, []any{session, m.kind, m.at})
		}
	}
	if err := w.db.insert(ctx, w.tx, "session_statuses.insert", write); err != nil {
		return err
	}
	for _, session := range sorted(seen) {
		workings, err := w.workingsAfter(ctx, session, seen[session])
		if err != nil {
			return err
		}
		for _, at := range sorted(workings) {
			if err := w.fillBurst(ctx, session, at); err != nil {
				return err
			}
		}
	}
	for _, session := range sorted(adds) {
		if err := w.readPairings(ctx, session, adds[session].from, adds[session].to); err != nil {
			return err
		}
	}
	return nil
}

// workingsAfter are the times at which the session began to work that may have
// become a pairing, or ceased to be one, by what was seen now: those seen, and
// the next after each.
func (w *work) workingsAfter(ctx context.Context, session string, seen map[moment]bool) (map[int64]bool, error) {
	all := map[int64]bool{}
	for m := range seen {
		after := m.at
		if m.kind == kindWorking {
			all[m.at] = true
		} else {
			after-- // in the same millisecond it counts as later
		}
		var next int64
		if err := w.tx.QueryRowContext(ctx, w.db.q["session_statuses.next_working"], session, after).Scan(&next); err != nil {
			return nil, err
		}
		if next != 0 {
			all[next] = true
		}
	}
	return all, nil
}

// fillBurst refills start_unknown of the rows that would have come with a pairing
// at that time.
func (w *work) fillBurst(ctx context.Context, session string, pairedAt int64) error {
	from, to := pairedAt-label.BurstBefore, pairedAt+label.BurstAfter
	if err := w.readPairings(ctx, session, from, to); err != nil {
		return err
	}
	change := map[bool][]string{}
	err := each(ctx, w.tx, w.db.q["label_events.adds_between"], []any{session, from, to}, func(r *sql.Rows) error {
		var id, lead string
		var at int64
		var unknown bool
		if err := r.Scan(&id, &at, &lead, &unknown); err != nil {
			return err
		}
		if want := w.sessions[session].inBurst(at); want != unknown {
			change[want] = append(change[want], id)
			w.touch(session, lead)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for want, ids := range change {
		if err := w.db.execList(ctx, w.tx, "label_events.start_unknown", []any{bit(want)}, ids); err != nil {
			return err
		}
		w.done.Filled += len(ids)
	}
	return nil
}

// readPairings makes the session know all pairings that events in [from, to] may
// come with.
func (w *work) readPairings(ctx context.Context, session string, from, to int64) error {
	s := w.sessions[session]
	s.pairings = nil
	args := []any{session, from - label.BurstAfter, to + label.BurstBefore + 1}
	return each(ctx, w.tx, w.db.q["session_statuses.pairings"], args, func(r *sql.Rows) error {
		var at int64
		err := r.Scan(&at)
		s.pairings = append(s.pairings, at)
		return err
	})
}

// mayBeBurst tells the events whose start_unknown follows from pairings; a
// snapshot's and an import's are their own.
func mayBeBurst(e label.Event) bool { return e.Source == label.FromWebhook && e.Status == label.Added }

// inBurst reports whether an add at that time came with a pairing.
func (s *session) inBurst(at int64) bool {
	return slices.ContainsFunc(s.pairings, func(paired int64) bool { return label.InBurst(paired, at) })
}
