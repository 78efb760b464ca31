package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"

	"tandai/internal/label"
	"tandai/internal/lead"
	"tandai/internal/store"
)

var _ store.Importing = (*DB)(nil)

// PlanImport counts what Import would do. See store.Importing.
func (db *DB) PlanImport(ctx context.Context, c store.ImportChunk) (store.Imported, error) {
	if err := validateImport(c); err != nil {
		return store.Imported{}, err
	}
	tx, err := db.read.BeginTx(ctx, db.d.Snapshot)
	if err != nil {
		return store.Imported{}, db.fault("plan import", err)
	}
	defer tx.Rollback()
	w := newWork(db, tx)
	p, err := w.sortOut(ctx, c)
	return p.done, db.fault("plan import", err)
}

// Import writes one chunk. See store.Importing.
func (db *DB) Import(ctx context.Context, c store.ImportChunk) (store.Imported, error) {
	var done store.Imported
	if err := validateImport(c); err != nil {
		return done, err
	}
	err := db.update(ctx, "import", func(tx *sql.Tx) (err error) {
		done, err = newWork(db, tx).importChunk(ctx, c)
		return err
	})
	return done, err
}

func validateImport(c store.ImportChunk) error {
	for _, r := range c.Rows {
		e := eventOf(c.Run, r)
		in := store.Input{Session: c.Run.Session, At: r.At, Event: &e, Sighting: &store.LabelSighting{LabelID: r.LabelID, Name: r.LabelName}}
		if err := validateOne(&in); err != nil {
			return &store.Error{Class: store.ErrRefused, Op: "import", Err: fmt.Errorf("row %s: %w", r.ID, err)}
		}
	}
	return nil
}

func eventOf(run store.ImportRun, r store.ImportRow) label.Event {
	return label.Event{
		ID: r.ID, Session: run.Session, ChatID: r.ChatID, LabelID: r.LabelID, Status: r.Status, At: r.At, Source: label.FromImport,
		ReceivedAt: run.StartedAt, SaidClient: r.Client, SaidCS: r.CS, SaidName: r.LabelName,
	}
}

// importPlan is a chunk held against what is recorded.
type importPlan struct {
	done    store.Imported
	events  []label.Event            // to be added, derived columns not filled in
	links   [][]any                  // rows of import_links
	leads   []string                 // of events
	byLead  map[string][]label.Event // the log of the chunk's leads as it is
	derived map[string]label.Event
}

// sortOut tells new rows from those that are known, and from those that are
// another row. Neither takes a lock of its own.
func (w *work) sortOut(ctx context.Context, c store.ImportChunk) (importPlan, error) {
	p := importPlan{done: store.Imported{Problems: int64(len(c.Problems))}}
	session := c.Run.Session
	if err := w.readHidden(ctx, c); err != nil {
		return p, err
	}
	leads := map[string]bool{}
	ids := make([]string, 0, len(c.Rows))
	for _, r := range c.Rows {
		leads[w.ids[session].Of(r.ChatID)] = true
		ids = append(ids, r.ID)
	}
	var err error
	if p.byLead, p.derived, err = w.readLeads(ctx, w.tx, session, sorted(leads)); err != nil {
		return p, err
	}
	known := map[string]bool{}
	var webhooks []label.Event
	for _, events := range p.byLead {
		for _, e := range events {
			switch e.Source {
			case label.FromImport:
				known[e.ID] = true
			case label.FromWebhook:
				webhooks = append(webhooks, e)
			}
		}
	}
	linked, err := w.importLinks(ctx, session, ids)
	if err != nil {
		return p, err
	}
	taken := map[string]bool{}
	if len(linked.any) > 0 {
		if taken, err = w.linkedEvents(ctx, w.tx, webhooks); err != nil {
			return p, err
		}
	}
	free := newMatcher(webhooks, taken)
	now := w.db.now().UnixMilli()
	fresh := map[string]bool{}
	for _, r := range c.Rows {
		if known[r.ID] || linked.rows[r.ID] {
			p.done.Known++
			continue
		}
		e := eventOf(c.Run, r)
		e.Lead = w.ids[session].Of(r.ChatID)
		if id := free.take(e, r.Precision); id != "" {
			p.links = append(p.links, []any{r.ID, id, session, now})
			p.done.Linked++
			continue
		}
		p.events = append(p.events, e)
		fresh[e.Lead] = true
		if lead.IsHidden(e.Lead) {
			w.hide(session, e.Lead, e.At)
		}
		p.done.Events++
	}
	p.leads = sorted(fresh)
	return p, nil
}

// readHidden fills w.ids for the hidden ids of a chunk.
func (w *work) readHidden(ctx context.Context, c store.ImportChunk) error {
	hidden := set{}
	for _, r := range c.Rows {
		if l := lead.OfChat(r.ChatID); lead.IsHidden(l) {
			hidden.add(c.Run.Session, l)
		}
	}
	claims, err := w.readClaims(ctx, w.tx, hidden.keys())
	if err != nil {
		return err
	}
	w.ids = resolve(claims)
	return nil
}

type importLinks struct {
	any  string          // some linked row of the session, "" when there is none
	rows map[string]bool // those of the chunk that are linked
}

func (w *work) importLinks(ctx context.Context, session string, ids []string) (importLinks, error) {
	var l importLinks
	err := each(ctx, w.tx, w.db.q["import_links.any"], []any{session}, func(r *sql.Rows) error { return r.Scan(&l.any) })
	if err != nil || l.any == "" {
		return l, err
	}
	l.rows, err = w.db.listed(ctx, w.tx, "import_links.known", ids)
	return l, err
}

// matcher gives each row of the log away once.
type matcher map[linkKey][]label.Event // by second

func newMatcher(webhooks []label.Event, taken map[string]bool) matcher {
	m := matcher{}
	for _, e := range webhooks {
		if !taken[e.ID] {
			k := linkKeyOf(e)
			k.at /= 1000
			m[k] = append(m[k], e)
		}
	}
	for _, events := range m {
		slices.SortFunc(events, func(a, b label.Event) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.ID, b.ID)) })
	}
	return m
}

// take returns the id of a row that is e, up to its precision, "" where there is none.
func (m matcher) take(e label.Event, precision int64) string {
	k := linkKeyOf(e)
	k.at /= 1000
	for i, have := range m[k] {
		if have.At >= e.At && have.At < e.At+max(precision, 1) {
			m[k] = slices.Delete(slices.Clone(m[k]), i, i+1)
			return have.ID
		}
	}
	return ""
}

func (w *work) importChunk(ctx context.Context, c store.ImportChunk) (store.Imported, error) {
	session := c.Run.Session
	if err := w.lockSessions(ctx, []string{session}); err != nil {
		return store.Imported{}, err
	}
	in := seenIn(c)
	for _, learn := range []func(context.Context, []store.Input) error{w.learnSessions, w.learnLabels} {
		if err := learn(ctx, in); err != nil {
			return store.Imported{}, err
		}
	}
	p, err := w.sortOut(ctx, c)
	if err != nil {
		return p.done, err
	}
	if err := w.addImported(ctx, session, p); err != nil {
		return p.done, err
	}
	if err := w.queueLookups(ctx, nil); err != nil {
		return p.done, err
	}
	if err := w.db.insert(ctx, w.tx, "import_links.insert", p.links); err != nil {
		return p.done, err
	}
	var problems [][]any
	for _, r := range c.Problems {
		problems = append(problems, []any{r.ID, session, c.Run.Table, cutText(r.Reason, 255), cutText(r.Row, 8000), r.FoundAt, c.Run.StartedAt})
	}
	if err := w.db.insert(ctx, w.tx, "import_problems.insert", problems); err != nil {
		return p.done, err
	}
	run := c.Run
	run.Read += int64(len(c.Rows) + len(c.Problems))
	run.Imported.Add(p.done)
	run.UpdatedAt = w.db.now().UnixMilli()
	return p.done, w.db.insert(ctx, w.tx, "imports.insert", [][]any{runRow(run)})
}

// addImported writes new rows and folds their leads, with the log of these leads
// as it was read: nothing is read back.
func (w *work) addImported(ctx context.Context, session string, p importPlan) error {
	var all [][]any
	var newest int64
	for i := range p.events {
		e := &p.events[i]
		w.derive(e)
		if lead.IsHidden(e.Lead) {
			w.hide(session, e.Lead, e.At)
		}
		all = append(all, eventRow(*e))
		p.byLead[e.Lead] = append(p.byLead[e.Lead], *e)
		newest = max(newest, e.At)
	}
	if err := w.db.insert(ctx, w.tx, "label_events.insert", all); err != nil {
		return err
	}
	if err := w.queueLookups(ctx, nil); err != nil {
		return err
	}
	deletions, err := w.db.readDeletions(ctx, w.tx, []string{session})
	if err != nil {
		return err
	}
	derivedOf := map[string]map[string]label.Event{}
	for id, e := range p.derived {
		if derivedOf[e.Lead] == nil {
			derivedOf[e.Lead] = map[string]label.Event{}
		}
		derivedOf[e.Lead][id] = e
	}
	for leads := range slices.Chunk(p.leads, 4000) {
		byLead, derived := map[string][]label.Event{}, map[string]label.Event{}
		for _, l := range leads {
			byLead[l] = p.byLead[l]
			for id, e := range derivedOf[l] {
				derived[id] = e
			}
			delete(w.touched[session], l)
		}
		diff, err := w.compareWith(ctx, w.tx, session, leads, deletions[session], byLead, derived)
		if err != nil {
			return err
		}
		if err := w.apply(ctx, diff); err != nil {
			return err
		}
	}
	if err := w.refold(ctx); err != nil { // those whose number became known
		return err
	}
	if newest > w.sessions[session].highWater {
		if err := w.db.insert(ctx, w.tx, "session_registry.high_water", [][]any{{session, newest}}); err != nil {
			return err
		}
	}
	if _, err := w.tx.ExecContext(ctx, w.db.q["session_registry.imported_until"], newest, session, newest); err != nil {
		return err
	}
	return w.writeDays(ctx)
}

// seenIn is what a chunk says of its labels and of its session's number: for each
// value, the first and the last time.
func seenIn(c store.ImportChunk) []store.Input {
	type key struct{ number, label, name string }
	seen := map[key]span64{}
	see := func(k key, at int64) {
		s, ok := seen[k]
		if !ok {
			s = span64{at, at}
		}
		seen[k] = span64{min(s.first, at), max(s.last, at)}
	}
	for _, r := range c.Rows {
		if isDigits(r.CS) {
			see(key{number: r.CS}, r.At)
		}
		at := r.At
		if r.Status == label.Removed && at > 1 {
			at-- // as store.Input.SightedAt
		}
		see(key{label: r.LabelID, name: r.LabelName}, at)
	}
	var in []store.Input
	for k, s := range seen {
		for _, at := range []int64{s.first, s.last} {
			i := store.Input{Session: c.Run.Session, At: at, Number: k.number}
			if k.label != "" {
				i.Sighting = &store.LabelSighting{LabelID: k.label, Name: k.name, Color: label.NoColor}
			}
			in = append(in, i)
		}
	}
	return in
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

func cutText(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

func runRow(r store.ImportRun) []any {
	return []any{r.Session, r.Table, cutText(r.Source, 255), r.StartedAt, r.UpdatedAt, null(r.FinishedAt), r.Read, r.Events, r.Known, r.Linked, r.Problems}
}

// FinishImport marks a run as done. See store.Importing.
func (db *DB) FinishImport(ctx context.Context, run store.ImportRun) error {
	return db.update(ctx, "finish import", func(tx *sql.Tx) error {
		if run.FinishedAt == 0 {
			run.FinishedAt = db.now().UnixMilli()
		}
		run.UpdatedAt = run.FinishedAt
		if err := db.insert(ctx, tx, "imports.insert", [][]any{runRow(run)}); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, db.q["import_problems.solved"], run.Session, run.Table, run.StartedAt)
		return err
	})
}

// ImportProblems lists rows that could not be imported.
func (db *DB) ImportProblems(ctx context.Context, session, table string, limit int) ([]store.ImportProblem, error) {
	if limit == 0 {
		limit = 1<<31 - 1
	}
	var all []store.ImportProblem
	err := each(ctx, db.read, db.q["import_problems.list"], []any{session, table, limit}, func(r *sql.Rows) error {
		var p store.ImportProblem
		err := r.Scan(&p.ID, &p.Reason, &p.Row, &p.FoundAt)
		all = append(all, p)
		return err
	})
	return all, db.fault("read import problems", err)
}

// ImportState returns how far a run is.
func (db *DB) ImportState(ctx context.Context, session, table string) (store.ImportRun, bool, error) {
	run := store.ImportRun{Session: session, Table: table}
	found := false
	err := each(ctx, db.read, db.q["imports.read"], []any{session, table}, func(r *sql.Rows) error {
		found = true
		var finished sql.NullInt64
		err := r.Scan(&run.Source, &run.StartedAt, &run.UpdatedAt, &finished, &run.Read, &run.Events, &run.Known, &run.Linked, &run.Problems)
		run.FinishedAt = finished.Int64
		return err
	})
	return run, found, db.fault("read import", err)
}
