package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"tandai/internal/label"
	"tandai/internal/store"
)

// session is what a transaction knows of a session it has locked.
type session struct {
	name, client string // client as configured, "" when not
	zone         *time.Location
	isNew        bool
	highWater    int64 // no event or deletion recorded is later than this
	importedTo   int64 // no imported row is later than this; 0 = none was imported
	sightings    []sighting
	numbers      []segment // which number it was, from when to when
	pairings     []int64   // when it was paired, as far as the events at hand may come with it
}

// sighting is a value (its number, or the client its envelopes name) a session
// was seen with, and the first and last time.
type sighting struct {
	kind, value     string
	firstAt, lastAt int64
}

// segment is a value during [from, to); to 0 = until further notice.
type segment struct {
	from, to int64
	value    string
}

const (
	kindNumber = "number"
	kindClient = "client"
)

// timeline orders the sightings of one kind. The first value reaches back to the
// beginning: what came before anybody said it belongs to it.
func timeline(all []sighting, kind string) []segment {
	type point struct {
		at    int64
		value string
	}
	var points []point
	for _, s := range all {
		if s.kind == kind {
			points = append(points, point{s.firstAt, s.value}, point{s.lastAt, s.value})
		}
	}
	slices.SortFunc(points, func(a, b point) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.value, b.value)) })
	var line []segment
	for _, p := range points {
		switch {
		case len(line) == 0:
			line = append(line, segment{value: p.value})
		case line[len(line)-1].value == p.value:
		case line[len(line)-1].from == p.at:
			line[len(line)-1].value = p.value
			if n := len(line); n > 1 && line[n-2].value == p.value {
				line = line[:n-1]
				line[n-2].to = 0
			}
		default:
			line[len(line)-1].to = p.at
			line = append(line, segment{from: p.at, value: p.value})
		}
	}
	return line
}

func at(line []segment, t int64) string {
	for _, s := range line {
		if s.from <= t && (s.to == 0 || t < s.to) {
			return s.value
		}
	}
	return ""
}

// clientOf is the klien of an event: the configuration's, else the envelope's,
// else the session's name. An imported row keeps its own.
func (s *session) clientOf(e label.Event) string {
	if e.Source == label.FromImport {
		return cmp.Or(e.SaidClient, s.client, s.name)
	}
	return cmp.Or(s.client, e.SaidClient, s.name)
}

// csOf is the nomor_cs of an event: what its envelope said, else the number the
// session was known by at that time.
func (s *session) csOf(e label.Event) string { return cmp.Or(e.SaidCS, at(s.numbers, e.At)) }

// owners are the rows of the sessions table.
func (s *session) owners() []owner {
	clients := timeline(s.sightings, kindClient)
	if s.client != "" || len(clients) == 0 {
		clients = []segment{{value: cmp.Or(s.client, s.name)}}
	}
	numbers := timeline(s.sightings, kindNumber)
	if len(numbers) == 0 {
		numbers = []segment{{}}
	}
	var starts []int64
	for _, line := range [][]segment{clients, numbers} {
		for _, seg := range line {
			starts = append(starts, seg.from)
		}
	}
	slices.Sort(starts)
	var all []owner
	for _, from := range slices.Compact(starts) {
		if n := len(all); n > 0 {
			all[n-1].to = from
		}
		all = append(all, owner{from: from, client: at(clients, from), number: at(numbers, from)})
	}
	return all
}

type owner struct {
	from, to       int64
	client, number string
}

// lock takes the version row of every session of the batch, in sorted order, and
// reads what is known of them.
func (w *work) lock(ctx context.Context, in []store.Input) error {
	names := map[string]bool{}
	for _, i := range in {
		names[i.Session] = true
	}
	return w.lockSessions(ctx, sorted(names))
}

// lockAlso takes the lock of a session that turned out to be touched. It may come
// out of order: if that meets another writer, the whole batch starts again.
func (w *work) lockAlso(ctx context.Context, name string) error {
	if w.sessions[name] != nil {
		return nil
	}
	return w.lockSessions(ctx, []string{name})
}

func (w *work) lockSessions(ctx context.Context, names []string) error {
	zone, err := w.db.defaultZone(ctx, w.tx)
	if err != nil {
		return err
	}
	var all [][]any
	for _, n := range names {
		all = append(all, []any{n, zone})
	}
	for part := range slices.Chunk(all, listSize) {
		if _, err := w.tx.ExecContext(ctx, rows(w.db.q["session_registry.lock"], len(part)), flat(part)...); err != nil {
			return err
		}
	}
	return w.readSessions(ctx, w.tx, names)
}

// readSessions fills w.sessions.
func (w *work) readSessions(ctx context.Context, q querier, names []string) error {
	for part := range slices.Chunk(names, listSize) {
		args := make([]any, len(part))
		for i, n := range part {
			args[i] = n
		}
		err := each(ctx, q, list(w.db.q["session_registry.read"], len(part)), args, func(r *sql.Rows) error {
			s := &session{}
			var version int64
			var zone string
			if err := r.Scan(&s.name, &version, &s.highWater, &s.client, &zone, &s.importedTo); err != nil {
				return err
			}
			s.isNew = version == 1
			var err error
			if s.zone, err = time.LoadLocation(zone); err != nil {
				return fmt.Errorf("session %s: %w", s.name, err)
			}
			w.sessions[s.name] = s
			return nil
		})
		if err != nil {
			return err
		}
		err = each(ctx, q, list(w.db.q["session_sightings.read"], len(part)), args, func(r *sql.Rows) error {
			var name string
			var s sighting
			if err := r.Scan(&name, &s.kind, &s.value, &s.firstAt, &s.lastAt); err != nil {
				return err
			}
			w.sessions[name].sightings = append(w.sessions[name].sightings, s)
			return nil
		})
		if err != nil {
			return err
		}
	}
	for _, s := range w.sessions {
		s.numbers = timeline(s.sightings, kindNumber)
	}
	return nil
}

// learnSessions merges what the inputs say of their sessions. When a session's
// number becomes known or changes, rows that did not know it are filled in.
func (w *work) learnSessions(ctx context.Context, in []store.Input) error {
	var changed [][]any
	status := map[string]store.Input{}
	before := map[string][]owner{}
	for name, s := range w.sessions {
		before[name] = s.owners()
	}
	type key struct{ session, kind, value string }
	dirty := map[key]bool{}
	for _, i := range in {
		s := w.sessions[i.Session]
		for kind, value := range map[string]string{kindNumber: i.Number, kindClient: i.Client} {
			if value != "" && i.At > 0 && s.see(kind, value, i.At) {
				dirty[key{i.Session, kind, value}] = true
			}
		}
		if last, ok := status[i.Session]; i.Status != "" && (!ok || i.At >= last.At) {
			status[i.Session] = i
		}
	}
	for _, name := range sorted(w.sessions) {
		s := w.sessions[name]
		for _, seen := range s.sightings {
			if dirty[key{name, seen.kind, seen.value}] {
				changed = append(changed, []any{name, seen.kind, valueID(seen.value), seen.value, seen.firstAt, seen.lastAt})
			}
		}
		if s.isNew {
			w.done.Sessions = append(w.done.Sessions, name)
		}
		if now := s.owners(); s.isNew || !slices.Equal(now, before[name]) {
			if err := w.writeOwners(ctx, name, now); err != nil {
				return err
			}
		}
		if numbers := timeline(s.sightings, kindNumber); !slices.Equal(numbers, s.numbers) {
			s.numbers = numbers
			if err := w.fillNumbers(ctx, s); err != nil {
				return err
			}
		}
	}
	for _, name := range sorted(status) {
		i := status[name]
		if _, err := w.tx.ExecContext(ctx, w.db.q["session_registry.status"], i.Status, i.At, name, i.At); err != nil {
			return err
		}
	}
	return w.db.insert(ctx, w.tx, "session_sightings.insert", changed)
}

// see merges one sighting and reports whether it said anything new.
func (s *session) see(kind, value string, at int64) bool {
	for i := range s.sightings {
		o := &s.sightings[i]
		if o.kind == kind && o.value == value {
			if at >= o.firstAt && at <= o.lastAt {
				return false
			}
			o.firstAt, o.lastAt = min(o.firstAt, at), max(o.lastAt, at)
			return true
		}
	}
	s.sightings = append(s.sightings, sighting{kind, value, at, at})
	return true
}

func (w *work) writeOwners(ctx context.Context, name string, owners []owner) error {
	if _, err := w.tx.ExecContext(ctx, w.db.q["sessions.delete"], name); err != nil {
		return err
	}
	var all [][]any
	for _, o := range owners {
		all = append(all, []any{name, o.from, null(o.to), o.client, o.number})
	}
	return w.db.insert(ctx, w.tx, "sessions.insert", all)
}

// fillNumbers refills nomor_cs of the rows whose envelope did not say it.
func (w *work) fillNumbers(ctx context.Context, s *session) error {
	err := each(ctx, w.tx, w.db.q["label_events.unsaid_leads"], []any{s.name}, func(r *sql.Rows) error {
		var l string
		if err := r.Scan(&l); err != nil {
			return err
		}
		w.touch(s.name, l)
		return nil
	})
	if err != nil || len(w.touched[s.name]) == 0 {
		return err
	}
	for _, seg := range s.numbers {
		to := seg.to
		if to == 0 {
			to = 1<<63 - 1
		}
		res, err := w.tx.ExecContext(ctx, w.db.q["label_events.fill_cs"], seg.value, s.name, seg.from, to, seg.value)
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		if err != nil {
			return err
		}
		w.done.Filled += int(n)
	}
	return nil
}
