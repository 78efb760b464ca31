package sqlstore

import (
	"context"
	"database/sql"

	"tandai/internal/label"
	"tandai/internal/lead"
	"tandai/internal/store"
)

// Shown reads what the log says of a session's labels. See store.Reconciliation.
func (db *DB) Shown(ctx context.Context, session string, ask func(store.Shown) []store.LabelOn) (store.Shown, error) {
	var s store.Shown
	tx, err := db.read.BeginTx(ctx, db.d.Snapshot)
	if err == nil {
		s, err = db.shown(ctx, tx, session, ask)
		_ = tx.Rollback() // nothing was written
	}
	return s, db.fault("read labels of session "+session, err)
}

func (db *DB) shown(ctx context.Context, q querier, session string, ask func(store.Shown) []store.LabelOn) (store.Shown, error) {
	s := store.Shown{
		Session: session, AgreedAt: map[string]int64{}, Noted: map[store.LabelOn]store.Noted{}, History: map[store.LabelOn]store.Last{},
	}
	one := []any{session}
	var claims []lead.Pair
	for _, read := range []struct {
		name string
		args []any
		scan func(*sql.Rows) error
	}{
		{"label_spans.shown", one, func(r *sql.Rows) error {
			span := label.Span{Session: session}
			err := r.Scan(&span.Lead, &span.LabelID, &span.StartedAt, &span.StartUnknown, &span.Ambiguous, &span.ChatID, &span.Client, &span.CS)
			s.Active = append(s.Active, span)
			return err
		}},
		{"identities.of_session", one, func(r *sql.Rows) error {
			var p lead.Pair
			err := r.Scan(&p.Hidden, &p.Phone, &p.FirstAt, &p.LastAt)
			claims = append(claims, p)
			return err
		}},
		{"reconcile_agreements.read", one, func(r *sql.Rows) error {
			var id string
			var at int64
			err := r.Scan(&id, &at)
			s.AgreedAt[id] = at
			return err
		}},
		{"reconcile_statuses.paired", []any{session, session}, func(r *sql.Rows) error { return r.Scan(&s.PairedAt) }},
	} {
		if err := each(ctx, q, db.q[read.name], read.args, read.scan); err != nil {
			return s, err
		}
	}
	s.People = lead.Resolve(claims)
	notes, err := db.noted(ctx, q, session, everything)
	if err != nil {
		return s, err
	}
	for _, n := range notes {
		if phone, known := s.People[n.Lead]; known {
			n.Lead = phone
		}
		k := store.LabelOn{Lead: n.Lead, LabelID: n.LabelID}
		if other, twice := s.Noted[k]; !twice || n.FirstAt < other.FirstAt {
			s.Noted[k] = n
		}
	}
	if ask == nil {
		return s, nil
	}
	return s, db.history(ctx, q, &s, ask(s))
}

// history fills in the latest thing known of each key.
func (db *DB) history(ctx context.Context, q querier, s *store.Shown, keys []store.LabelOn) error {
	leads := set{}
	wanted := map[store.LabelOn]bool{}
	for _, k := range keys {
		leads.add(s.Session, k.Lead)
		wanted[k] = true
	}
	if len(keys) == 0 {
		return nil
	}
	later := func(k store.LabelOn, l store.Last) {
		if have := s.History[k]; l.At > have.At || l.At == have.At && l.ID > have.ID {
			s.History[k] = l
		}
	}
	err := db.eachKey(ctx, q, "label_events.last", leads.keys(), func(r *sql.Rows) error {
		var k store.LabelOn
		var l store.Last
		err := r.Scan(&k.Lead, &k.LabelID, &l.At, &l.ID, &l.ReceivedAt)
		if wanted[k] {
			later(k, l)
		}
		return err
	})
	if err != nil {
		return err
	}
	deletions, err := db.readDeletions(ctx, q, []string{s.Session})
	if err != nil {
		return err
	}
	newest := map[string]store.Last{}
	for _, d := range deletions[s.Session] {
		if have := newest[d.LabelID]; d.At > have.At || d.At == have.At && d.ID > have.ID {
			newest[d.LabelID] = store.Last{At: d.At, ID: d.ID, ReceivedAt: d.ReceivedAt}
		}
	}
	for k := range wanted {
		if d, ok := newest[k.LabelID]; ok && d.At > s.History[k].At {
			s.History[k] = d // of what follows from a deletion and shares its time, the row
		}
	}
	return nil
}

// everything is a limit that limits nothing.
const everything = 1<<31 - 1

func (db *DB) noted(ctx context.Context, q querier, session string, limit int) ([]store.Noted, error) {
	var all []store.Noted
	err := each(ctx, q, db.q["reconcile_differences.read"], []any{session, session, limit}, func(r *sql.Rows) error {
		var n store.Noted
		var notBefore sql.NullInt64
		err := r.Scan(&n.Session, &n.Lead, &n.LabelID, &n.Status, &n.ChatID, &n.FirstAt, &n.NotedAt, &notBefore, &n.StartUnknown, &n.Base.At, &n.Base.ID)
		n.As = store.LabelOn{Lead: n.Lead, LabelID: n.LabelID}
		n.NotBefore = notBefore.Int64
		all = append(all, n)
		return err
	})
	return all, err
}

// NotedDifferences returns what is noted. See store.Reconciliation.
func (db *DB) NotedDifferences(ctx context.Context, session string, limit int) ([]store.Noted, error) {
	all, err := db.noted(ctx, db.read, session, limit)
	return all, db.fault("read noted differences", err)
}

// SaveReading writes what a read came to. See store.Reconciliation.
func (db *DB) SaveReading(ctx context.Context, r store.Reading) error {
	return db.update(ctx, "save a reading", func(tx *sql.Tx) error {
		if err := db.forget(ctx, tx, r.Forget); err != nil {
			return err
		}
		var notes, agreed [][]any
		for _, n := range r.Note {
			notes = append(notes, []any{
				n.Session, n.Lead, n.LabelID, string(n.Status), n.ChatID, n.FirstAt, n.NotedAt, null(n.NotBefore), bit(n.StartUnknown), n.Base.At, n.Base.ID,
			})
		}
		if err := db.insert(ctx, tx, "reconcile_differences.insert", notes); err != nil {
			return err
		}
		for _, id := range sorted(r.AgreedAt) {
			agreed = append(agreed, []any{r.Run.Session, id, r.AgreedAt[id]})
		}
		if err := db.insert(ctx, tx, "reconcile_agreements.insert", agreed); err != nil {
			return err
		}
		if r.KeepFrom > 0 {
			if _, err := tx.ExecContext(ctx, db.q["reconcile_runs.prune"], r.KeepFrom); err != nil {
				return err
			}
		}
		run := r.Run
		return db.insert(ctx, tx, "reconcile_runs.insert", [][]any{{
			run.ID, run.Session, run.Reason, run.Engine, run.StartedAt, run.FinishedAt, run.Labels, run.Chats, run.Differences, run.Repaired, run.Open, shorten(run.Error, 512),
		}})
	})
}

// keepStatuses keeps when sessions of any engine showed a code and when they
// worked: what is found after a pairing was on the phone before.
func (w *work) keepStatuses(ctx context.Context, in []store.Input) error {
	type sighting struct {
		session, kind string
		at            int64
	}
	seen := map[sighting]bool{}
	var all [][]any
	for _, i := range in {
		for _, s := range i.Statuses {
			k := sighting{i.Session, kindOfStatus(s.Status), s.At}
			if k.kind != "" && s.At > 0 && !seen[k] {
				seen[k] = true
				all = append(all, []any{k.session, k.kind, k.at})
			}
		}
	}
	return w.db.insert(ctx, w.tx, "reconcile_statuses.insert", all)
}

// forget deletes notes. Those of one label that were first seen in one list share
// their time, and go together.
func (db *DB) forget(ctx context.Context, tx *sql.Tx, notes []store.Noted) error {
	type group struct {
		session, label string
		firstAt        int64
	}
	leads := map[group][]string{}
	var order []group
	for _, n := range notes {
		g := group{n.Session, n.As.LabelID, n.FirstAt}
		if leads[g] == nil {
			order = append(order, g)
		}
		leads[g] = append(leads[g], n.As.Lead)
	}
	for _, g := range order {
		if err := db.execList(ctx, tx, "reconcile_differences.delete", []any{g.session, g.label, g.firstAt}, leads[g]); err != nil {
			return err
		}
	}
	return nil
}

// Readings returns the newest reads. See store.Reconciliation.
func (db *DB) Readings(ctx context.Context, session string, limit int) ([]store.ReadingRun, error) {
	var all []store.ReadingRun
	err := each(ctx, db.read, db.q["reconcile_runs.read"], []any{session, session, limit}, func(r *sql.Rows) error {
		var run store.ReadingRun
		err := r.Scan(&run.ID, &run.Session, &run.Reason, &run.Engine, &run.StartedAt, &run.FinishedAt, &run.Labels, &run.Chats,
			&run.Differences, &run.Repaired, &run.Open, &run.Error)
		all = append(all, run)
		return err
	})
	return all, db.fault("read reconciliations", err)
}

// Repaired returns the rows that came from comparing. See store.Reconciliation.
func (db *DB) Repaired(ctx context.Context, session string, since, until int64, limit int) ([]store.LogRow, error) {
	var all []store.LogRow
	err := each(ctx, db.read, db.q["label_events.repaired"], []any{since, until, session, session, limit}, func(r *sql.Rows) error {
		row, err := scanLog(r)
		all = append(all, row)
		return err
	})
	return all, db.fault("read repaired changes", err)
}

// HiddenRepaired returns hidden ids of rows that came from comparing. See
// store.Reconciliation.
func (db *DB) HiddenRepaired(ctx context.Context, session string) ([]string, error) {
	var all []string
	err := each(ctx, db.read, db.q["label_events.hidden_repaired"], []any{session}, func(r *sql.Rows) error {
		var hidden string
		err := r.Scan(&hidden)
		all = append(all, hidden)
		return err
	})
	return all, db.fault("read repaired changes of hidden ids", err)
}

// Coverage counts how changes became known. See store.Reconciliation.
func (db *DB) Coverage(ctx context.Context, since, until, inTime int64) ([]store.Coverage, error) {
	var all []store.Coverage
	err := each(ctx, db.read, db.q["label_events.coverage"], []any{inTime, inTime, since, until}, func(r *sql.Rows) error {
		var c store.Coverage
		err := r.Scan(&c.Session, &c.InTime, &c.Late, &c.Repaired)
		all = append(all, c)
		return err
	})
	return all, db.fault("count how changes became known", err)
}
