package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"tandai/internal/label"
	"tandai/internal/lead"
	"tandai/internal/store"
)

// leadsPerStep is how many leads one transaction of a rebuild folds: small, so
// that writers wait little.
const leadsPerStep = 500

// Rebuild compares everything derived with what the log says, session by
// session, and unless opt.DryRun writes what differs. See store.Store.
func (db *DB) Rebuild(ctx context.Context, opt store.RebuildOptions) (store.RebuildResult, error) {
	b := &rebuild{db: db, opt: opt, limit: cmp.Or(opt.Limit, 20)}
	if opt.Progress == nil {
		b.opt.Progress = func(string, int) {}
	}
	known := map[string]bool{}
	err := each(ctx, db.read, db.q["session_registry.all"], nil, func(r *sql.Rows) error {
		var n string
		err := r.Scan(&n)
		known[n] = true
		return err
	})
	if err != nil {
		return b.result, db.fault("rebuild", err)
	}
	names := opt.Sessions
	if len(names) == 0 {
		names = sorted(known)
	}
	for _, n := range names {
		if !known[n] {
			return b.result, fmt.Errorf("rebuild %q: %w", n, store.ErrNoSession)
		}
	}
	for _, name := range names {
		if err := b.session(ctx, name); err != nil {
			return b.result, db.fault("rebuild session "+name, err)
		}
		b.result.Sessions++
	}
	return b.result, nil
}

type rebuild struct {
	db     *DB
	opt    store.RebuildOptions
	limit  int
	result store.RebuildResult
	dry    map[labelKey]map[string]label.DayChange // of a dry run: the days of the session as the log says
}

// session rebuilds in order: catalogue and owners, then leads step by step, then
// the days. A dry run reads all of it in one snapshot; a real one takes the
// session's lock for each step.
func (b *rebuild) session(ctx context.Context, name string) error {
	b.dry = map[labelKey]map[string]label.DayChange{}
	if b.opt.DryRun {
		tx, err := b.db.read.BeginTx(ctx, b.db.d.Snapshot)
		if err != nil {
			return err
		}
		defer tx.Rollback()
		w := newWork(b.db, tx)
		if err := w.readSessions(ctx, tx, []string{name}); err != nil {
			return err
		}
		return b.steps(ctx, name, func(step func(*work) error) error { return step(w) })
	}
	return b.steps(ctx, name, func(step func(*work) error) error {
		before := b.result
		return b.db.update(ctx, "rebuild", func(tx *sql.Tx) error {
			b.result = before // a step that met another writer starts again
			w := newWork(b.db, tx)
			if err := w.lockSessions(ctx, []string{name}); err != nil {
				return err
			}
			return step(w)
		})
	})
}

func (b *rebuild) steps(ctx context.Context, name string, run func(func(*work) error) error) error {
	if err := run(func(w *work) error { return b.catalog(ctx, w, name) }); err != nil {
		return err
	}
	after, more := "", true
	for more {
		err := run(func(w *work) (err error) {
			var last string
			last, more, err = b.leads(ctx, w, name, after)
			after = last
			return err
		})
		if err != nil {
			return err
		}
		b.opt.Progress(name, b.result.Leads)
	}
	return run(func(w *work) error { return b.days(ctx, w, name) })
}

func (b *rebuild) differ(table, key, have, want string) {
	b.result.Differences++
	if len(b.result.First) < b.limit {
		b.result.First = append(b.result.First, store.Difference{Table: table, Key: key, Have: have, Want: want})
	}
}

// catalog compares the versions of labels and the owners of the session.
func (b *rebuild) catalog(ctx context.Context, w *work, name string) error {
	s := w.sessions[name]
	if s == nil { // a dry run of a session whose rows are there, but not its entry
		b.differ("session_registry", name, "", name)
		s = &session{name: name, zone: time.UTC}
		w.sessions[name] = s
	}
	var have []owner
	err := each(ctx, w.tx, b.db.q["sessions.read"], []any{name}, func(r *sql.Rows) error {
		var o owner
		var to sql.NullInt64
		err := r.Scan(&o.from, &to, &o.client, &o.number)
		o.to = to.Int64
		have = append(have, o)
		return err
	})
	if err != nil {
		return err
	}
	if want := s.owners(); !slices.Equal(have, want) {
		b.differ("sessions", name, fmt.Sprint(have), fmt.Sprint(want))
		if !b.opt.DryRun {
			if err := w.writeOwners(ctx, name, want); err != nil {
				return err
			}
		}
	}
	if err := b.highWater(ctx, w, s); err != nil {
		return err
	}
	ids, err := b.labelIDs(ctx, w, name)
	if err != nil {
		return err
	}
	cat, err := b.db.readCatalog(ctx, w.tx, Keys{name: ids})
	if err != nil {
		return err
	}
	if err := w.readVersions(ctx, name); err != nil {
		return err
	}
	stored := w.versions
	w.versions = map[labelKey][]label.Version{}
	versions := cat.versions()
	for k := range stored {
		if _, ok := versions[k]; !ok {
			versions[k] = nil
		}
	}
	for k, want := range versions {
		if !slices.Equal(stored[k], want) {
			b.differ("labels", name+"/"+k.label, fmt.Sprint(stored[k]), fmt.Sprint(want))
			if !b.opt.DryRun {
				if err := w.writeVersions(ctx, k, want); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// highWater compares the mark below which nothing new may be folded the short way.
func (b *rebuild) highWater(ctx context.Context, w *work, s *session) error {
	var newest int64
	if err := w.tx.QueryRowContext(ctx, b.db.q["label_events.newest"], s.name).Scan(&newest); err != nil {
		return err
	}
	deletions, err := b.db.readDeletions(ctx, w.tx, []string{s.name})
	if err != nil {
		return err
	}
	for _, d := range deletions[s.name] {
		newest = max(newest, d.At)
	}
	if s.highWater >= newest {
		return nil
	}
	b.differ("session_registry", s.name, fmt.Sprint(s.highWater), fmt.Sprint(newest))
	if b.opt.DryRun {
		return nil
	}
	return b.db.insert(ctx, w.tx, "session_registry.high_water", [][]any{{s.name, newest}})
}

func (b *rebuild) labelIDs(ctx context.Context, w *work, name string) ([]string, error) {
	var ids []string
	err := each(ctx, w.tx, b.db.q["label_changes.label_ids"], []any{name, name}, func(r *sql.Rows) error {
		var id string
		err := r.Scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}

// leads rebuilds the next few leads after a name: the derived columns of their
// rows, then their spans and derived rows.
func (b *rebuild) leads(ctx context.Context, w *work, name, after string) (last string, more bool, err error) {
	leads, more, err := b.nextLeads(ctx, w, name, after)
	if err != nil || len(leads) == 0 {
		return after, false, err
	}
	last = leads[len(leads)-1]
	w.versions = map[labelKey][]label.Version{}
	if err := w.readVersions(ctx, name); err != nil {
		return last, false, err
	}
	strayed, err := b.columns(ctx, w, name, leads)
	if err != nil {
		return last, false, err
	}
	for _, l := range strayed { // rows moved to these: they may lie behind us
		if !b.opt.DryRun && !slices.Contains(leads, l) {
			leads = append(leads, l)
		}
	}
	deletions, err := b.db.readDeletions(ctx, w.tx, []string{name})
	if err != nil {
		return last, false, err
	}
	diff, err := w.compare(ctx, w.tx, name, leads, deletions[name])
	if err != nil {
		return last, false, err
	}
	for _, d := range diff.spans {
		key := d.have
		if key == nil {
			key = d.want
		}
		b.differ("label_spans", fmt.Sprintf("%s/%s/%s/%d", name, key.Lead, key.LabelID, key.StartedAt), spanText(d.have), spanText(d.want))
	}
	for _, d := range diff.derived {
		key := d.have
		if key == nil {
			key = d.want
		}
		b.differ("label_events", key.ID, derivedText(d.have), derivedText(d.want))
	}
	b.result.Leads += len(leads)
	b.result.Events += diff.events
	b.result.Spans += diff.stored
	if b.opt.DryRun {
		for _, s := range diff.want {
			countDays(b.dry, s, w.sessions[name].zone)
		}
		return last, more, nil
	}
	err = w.apply(ctx, diff)
	w.days = map[labelKey]map[string]label.DayChange{} // the last step counts all days anew
	return last, more, err
}

func (b *rebuild) nextLeads(ctx context.Context, w *work, name, after string) ([]string, bool, error) {
	var all []string
	full := ""
	for _, q := range []string{"label_events.next_leads", "label_spans.next_leads", "chats.next_leads"} {
		n := 0
		var last string
		err := each(ctx, w.tx, b.db.q[q], []any{name, after, leadsPerStep}, func(r *sql.Rows) error {
			err := r.Scan(&last)
			n++
			all = append(all, last)
			return err
		})
		if err != nil {
			return nil, false, err
		}
		if n == leadsPerStep && (full == "" || last < full) {
			full = last // beyond it this table has more than we have read
		}
	}
	slices.Sort(all)
	all = slices.Compact(all)
	if full == "" {
		return all, false, nil
	}
	end, _ := slices.BinarySearch(all, full)
	return all[:end+1], true, nil
}

// columns compares nomor_lead, nomor_cs, klien, label_name and start_unknown of the
// rows of some leads with what they are functions of, and returns the leads that rows were
// moved to.
func (b *rebuild) columns(ctx context.Context, w *work, name string, leads []string) ([]string, error) {
	var rows []label.Event
	hidden := set{}
	err := b.db.eachKey(ctx, w.tx, "label_events.full_of_leads", Keys{name: leads}, func(r *sql.Rows) error {
		e, err := scanEvent(r)
		rows = append(rows, e)
		if h := lead.OfChat(e.ChatID); lead.IsHidden(h) {
			hidden.add(name, h)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	type chatRow struct{ chat, lead string }
	var chats []chatRow
	err = b.db.eachKey(ctx, w.tx, "chats.of_leads", Keys{name: leads}, func(r *sql.Rows) error {
		var c chatRow
		err := r.Scan(&c.chat, &c.chat, &c.lead)
		chats = append(chats, c)
		if h := lead.OfChat(c.chat); lead.IsHidden(h) {
			hidden.add(name, h)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	claims, err := w.readClaims(ctx, w.tx, hidden.keys())
	if err != nil {
		return nil, err
	}
	w.ids = resolve(claims)
	if len(rows) > 0 {
		first, last := rows[0].At, rows[0].At
		for _, e := range rows {
			first, last = min(first, e.At), max(last, e.At)
		}
		if err := w.readPairings(ctx, name, first, last); err != nil {
			return nil, err
		}
	}
	var strayed []string
	for _, have := range rows {
		want := have
		w.derive(&want)
		if want == have {
			continue
		}
		b.differ("label_events", have.ID, derivedColumns(have), derivedColumns(want))
		strayed = append(strayed, want.Lead)
		if b.opt.DryRun {
			continue
		}
		if _, err := w.tx.ExecContext(ctx, b.db.q["label_events.derive"], want.Client, want.CS, want.Lead, want.LabelName, bit(want.StartUnknown), want.ID); err != nil {
			return nil, err
		}
	}
	for _, c := range chats {
		if want := w.ids[name].Of(c.chat); want != c.lead {
			b.differ("chats", name+"/"+c.chat, c.lead, want)
			if !b.opt.DryRun {
				if err := b.db.execList(ctx, w.tx, "chats.move", []any{want, name}, []string{c.chat}); err != nil {
					return nil, err
				}
			}
		}
	}
	return strayed, nil
}

// days compares label_daily with the spans.
func (b *rebuild) days(ctx context.Context, w *work, name string) error {
	want := b.dry // stored spans may be what is wrong
	if !b.opt.DryRun {
		want = map[labelKey]map[string]label.DayChange{}
		err := each(ctx, w.tx, b.db.q["label_spans.of_session"], []any{name}, func(r *sql.Rows) error {
			s := label.Span{Session: name}
			var ended sql.NullInt64
			if err := r.Scan(&s.LabelID, &s.StartedAt, &ended, &s.StartUnknown); err != nil {
				return err
			}
			s.EndedAt = ended.Int64
			countDays(want, s, w.sessions[name].zone)
			return nil
		})
		if err != nil {
			return err
		}
	}
	type dayKey struct{ label, day string }
	have := map[dayKey]dayRow{}
	err := each(ctx, w.tx, b.db.q["label_daily.of_session"], []any{name}, func(r *sql.Rows) error {
		var k dayKey
		var d dayRow
		err := r.Scan(&k.label, &k.day, &d.Added, &d.Found, &d.Removed, &d.active)
		have[k] = d
		return err
	})
	if err != nil {
		return err
	}
	var write [][]any
	for _, k := range sortedLabels(want) {
		active := 0
		for _, day := range sorted(want[k]) {
			active += want[k][day].Net()
			now := dayRow{want[k][day], active}
			old, ok := have[dayKey{k.label, day}]
			if !ok || old != now {
				old := &old
				if !ok {
					old = nil
				}
				b.differ("label_daily", name+"/"+k.label+"/"+day, dayText(old), dayText(&now))
				write = append(write, []any{name, k.label, day, now.Added, now.Found, now.Removed, now.active})
			}
			delete(have, dayKey{k.label, day})
		}
	}
	for k, old := range have {
		b.differ("label_daily", name+"/"+k.label+"/"+k.day, dayText(&old), "")
		if !b.opt.DryRun {
			if _, err := w.tx.ExecContext(ctx, b.db.q["label_daily.delete"], name, k.label, k.day); err != nil {
				return err
			}
		}
	}
	if b.opt.DryRun {
		return nil
	}
	return b.db.insert(ctx, w.tx, "label_daily.insert", write)
}

func countDays(days map[labelKey]map[string]label.DayChange, s label.Span, zone *time.Location) {
	k := labelKey{s.Session, s.LabelID}
	if days[k] == nil {
		days[k] = map[string]label.DayChange{}
	}
	label.CountDays(days[k], s, zone, +1)
}
