package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"maps"
	"slices"

	"tandai/internal/label"
	"tandai/internal/lead"
	"tandai/internal/store"
)

// Record writes all inputs in one transaction. See store.Store.
func (db *DB) Record(ctx context.Context, in []store.Input) (store.Recorded, error) {
	var done store.Recorded
	if len(in) == 0 {
		return done, nil
	}
	if err := validate(in); err != nil {
		return done, err
	}
	out := outbounds(in)
	if len(out) > 0 { // what is sent alone touches no session
		in = slices.DeleteFunc(slices.Clone(in), store.Input.OnlyOutbound)
	}
	err := db.update(ctx, "record", func(tx *sql.Tx) error {
		w := newWork(db, tx)
		if len(in) > 0 {
			if err := w.record(ctx, in); err != nil {
				return err
			}
		}
		done = w.done
		return db.writeOutbox(ctx, tx, out, db.now().UnixMilli())
	})
	return done, err
}

// work is one write transaction: what it has read under its locks, and what
// remains to be folded.
type work struct {
	db *DB
	tx *sql.Tx

	sessions map[string]*session
	ids      map[string]lead.Identities              // session → hidden → phone, for hidden ids of this batch
	versions map[labelKey][]label.Version            // for labels of this batch
	touched  map[string]map[string]bool              // session → leads to fold again
	fresh    map[string]map[string][]label.Event     // session → lead → new events above the session's high water
	days     map[labelKey]map[string]label.DayChange // what folding changed in label_daily
	hidden   map[string]map[string]int64             // session → hidden id that no claim resolves → when it was seen
	done     store.Recorded
}

type labelKey struct{ session, label string }

func newWork(db *DB, tx *sql.Tx) *work {
	return &work{
		db: db, tx: tx,
		sessions: map[string]*session{}, ids: map[string]lead.Identities{}, versions: map[labelKey][]label.Version{},
		touched: map[string]map[string]bool{}, fresh: map[string]map[string][]label.Event{}, days: map[labelKey]map[string]label.DayChange{},
		hidden: map[string]map[string]int64{},
	}
}

// record is the order of things: first what gives names, phones and owners,
// then the events, then the fold of every lead that any of it touched.
func (w *work) record(ctx context.Context, in []store.Input) error {
	steps := []func(context.Context, []store.Input) error{
		w.lock, w.learnSessions, w.learnPairings, w.keepStatuses, w.learnIdentities, w.learnLabels, w.insertEvents, w.linkImports, w.learnContacts,
		w.queueLookups,
	}
	for _, step := range steps {
		if err := step(ctx, in); err != nil {
			return err
		}
	}
	if err := w.resume(ctx); err != nil {
		return err
	}
	if err := w.refold(ctx); err != nil {
		return err
	}
	if err := w.raiseHighWater(ctx, in); err != nil {
		return err
	}
	return w.writeDays(ctx)
}

func (w *work) touch(session, lead string) {
	leads := w.touched[session]
	if leads == nil {
		leads = map[string]bool{}
		w.touched[session] = leads
	}
	leads[lead] = true
}

// set collects values by session without doubles.
type set map[string]map[string]bool

func (s set) add(session, value string) {
	if s[session] == nil {
		s[session] = map[string]bool{}
	}
	s[session][value] = true
}

func (s set) keys() Keys {
	k := Keys{}
	for session, values := range s {
		k[session] = sorted(values)
	}
	return k
}

// insertEvents writes the rows that are new, and changes those that a replay
// maps differently.
func (w *work) insertEvents(ctx context.Context, in []store.Input) error {
	events := map[string]label.Event{}
	unknown := map[store.Unknown]bool{}
	var all [][]any
	for _, i := range in {
		if i.Event == nil {
			continue
		}
		e := *i.Event
		if _, twice := events[e.ID]; twice {
			w.done.Known++
			continue
		}
		w.derive(&e)
		events[e.ID] = e
		all = append(all, eventRow(e))
		w.note(e)
		if lead.IsHidden(e.Lead) {
			unknown[store.Unknown{Session: e.Session, Hidden: e.Lead}] = true
			w.hide(e.Session, e.Lead, e.At)
		}
		if e.LabelName == "" {
			unknown[store.Unknown{Session: e.Session}] = true
		}
	}
	w.done.Unknown = slices.Collect(maps.Keys(unknown))
	if len(all) == 0 {
		return nil
	}
	known := 0
	err := w.db.insertChunks(ctx, w.tx, "label_events.insert", all, func(chunk [][]any) ([][]any, error) {
		stored, err := w.storedEvents(ctx, chunk)
		if err != nil {
			return nil, err
		}
		var rest [][]any
		for _, row := range chunk {
			old, ok := stored[row[0].(string)]
			if !ok {
				rest = append(rest, row)
				continue
			}
			known++
			if err := w.change(ctx, old, events[old.ID]); err != nil {
				return nil, err
			}
		}
		return rest, nil
	})
	w.done.Known += known
	w.done.Events = len(all) - known
	return err
}

// derive fills the columns that are functions of (event, identities, label
// versions, session owners, pairings).
func (w *work) derive(e *label.Event) {
	s := w.sessions[e.Session]
	e.Client = s.clientOf(*e)
	e.CS = s.csOf(*e)
	e.Lead = w.ids[e.Session].Of(e.ChatID)
	e.LabelName = cmp.Or(e.SaidName, label.NameAt(w.versions[labelKey{e.Session, e.LabelID}], e.Status, e.At))
	if e.Source == label.FromWebhook {
		e.StartUnknown = mayBeBurst(*e) && s.inBurst(e.At)
	}
}

func eventRow(e label.Event) []any {
	return []any{
		e.ID, e.At, e.Client, e.CS, e.Lead, e.LabelID, e.LabelName, string(e.Status), e.Session, e.ChatID, string(e.Source),
		null(e.NotBefore), bit(e.StartUnknown), e.ReceivedAt, e.SaidClient, e.SaidCS, e.SaidName,
	}
}

func scanEvent(r *sql.Rows) (label.Event, error) {
	var e label.Event
	var notBefore sql.NullInt64
	err := r.Scan(&e.ID, &e.At, &e.Client, &e.CS, &e.Lead, &e.LabelID, &e.LabelName, &e.Status, &e.Session, &e.ChatID, &e.Source,
		&notBefore, &e.StartUnknown, &e.ReceivedAt, &e.SaidClient, &e.SaidCS, &e.SaidName)
	e.NotBefore = notBefore.Int64
	return e, err
}

func (w *work) storedEvents(ctx context.Context, chunk [][]any) (map[string]label.Event, error) {
	stored := map[string]label.Event{}
	for part := range slices.Chunk(chunk, listSize) {
		var args []any
		for _, row := range part {
			args = append(args, row[0])
		}
		err := each(ctx, w.tx, list(w.db.q["label_events.by_id"], len(part)), args, func(r *sql.Rows) error {
			e, err := scanEvent(r)
			stored[e.ID] = e
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return stored, nil
}
