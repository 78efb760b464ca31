package storetest

import (
	"slices"
	"sync"

	"tandai/internal/label"
	"tandai/internal/store"
)

const (
	siti  = "6285678000111@c.us"
	budi  = "6285678000222@c.us"
	lid   = "201000000000001"
	sitiP = "6285678000111"
	budiP = "6285678000222"
)

func testMigrations(w *world) {
	have, want, err := w.Store.SchemaVersion(w.ctx())
	if err != nil || have != want || want < 1 {
		w.t.Fatalf("schema of a migrated database: have %d, want %d, %v", have, want, err)
	}
	w.sub("from nothing, by several at once", func(w *world) {
		s := w.Bare(w.tb)
		if have, want, err := s.SchemaVersion(w.ctx()); err != nil || have != 0 || want < 1 {
			w.t.Fatalf("schema of an empty database: have %d, want %d, %v", have, want, err)
		}
		if _, made, err := s.(store.Foreign).ForeignTable(w.ctx(), "goose_db_version"); err != nil || made {
			w.t.Errorf("asking for the version has made goose's table: %v, %v", made, err)
		}
		var all sync.WaitGroup
		steps := make([]int, 3)
		for i := range steps {
			all.Go(func() {
				n, err := s.Migrate(w.ctx())
				if err != nil {
					w.t.Errorf("migrate: %v", err)
				}
				steps[i] = n
			})
		}
		all.Wait()
		have, want, err := s.SchemaVersion(w.ctx())
		if err != nil || have != want {
			w.t.Errorf("after migrating: have %d, want %d, %v", have, want, err)
		}
		slices.Sort(steps)
		if steps[0] != 0 || steps[1] != 0 || steps[2] < 1 { // versions may have gaps: as many as there are files
			w.t.Errorf("steps taken by three at once: %v, want all of them by one", steps)
		}
	})
	w.sub("a second time changes nothing", func(w *world) {
		s := Scene{"migrated"}
		w.record(s.Put(siti, "1", 10))
		if n, err := w.Store.Migrate(w.ctx()); err != nil || n != 0 {
			w.t.Errorf("migrate again: %d steps, %v", n, err)
		}
		w.same("spans", lines(sitiP+" 1 [10,…)"), w.spans("migrated"))
	})
	if err := w.Store.Ping(w.ctx()); err != nil {
		w.t.Errorf("ping: %v", err)
	}
	if w.Store.Describe(w.ctx()) == "" {
		w.t.Errorf("describe says nothing")
	}
}

func testOneEvent(w *world) {
	w.configure(store.Settings{})
	s := Scene{"hansarang_cs1"}
	in := Called(From(s.Put(siti, "4", 0), "6281234000001", ""), "Grade A", 3)
	done := w.record(in)
	w.same("what was recorded", store.Recorded{Events: 1, Spans: 1, Sessions: []string{"hansarang_cs1"}}, done)

	w.same("label_events, the original's columns",
		lines("1753798945612 | hansarang_cs1 | 6281234000001 | 6285678000111 | 4 | Grade A | add_label"),
		w.rows("SELECT timestamp_unix, klien, nomor_cs, nomor_lead, label_id, label_name, status FROM label_events"))
	w.same("label_events, ours",
		lines(in.Event.ID+" | hansarang_cs1 | 6285678000111@c.us | webhook | NULL | 0 | 1753798945619"),
		w.rows("SELECT event_id, session, chat_id, source, not_before, start_unknown, received_at FROM label_events"))
	w.same("label_spans", lines("hansarang_cs1 | 6285678000111 | 4 | 1753798945612 | NULL | 0 | 0"),
		w.rows("SELECT session, nomor_lead, label_id, started_at, ended_at, start_unknown, ambiguous FROM label_spans"))
	w.same("active_labels", lines("hansarang_cs1 | hansarang_cs1 | 6281234000001 | 6285678000111 | 4 | Grade A | 1753798945612"),
		w.rows("SELECT klien, session, nomor_cs, nomor_lead, label_id, label_name, since FROM active_labels"))
	w.same("labels", lines("hansarang_cs1 | 4 | Grade A | 3 | 0 | NULL"),
		w.rows("SELECT session, label_id, name, color, valid_from, valid_to FROM labels"))
	w.same("label_daily, by the days of Jakarta", lines("hansarang_cs1 | 4 | 2025-07-29 | 1 | 0 | 0 | 1"),
		w.rows("SELECT session, label_id, day, added, found, removed, active FROM label_daily"))
	w.same("sessions", lines("hansarang_cs1 | 0 | NULL | hansarang_cs1 | 6281234000001"),
		w.rows("SELECT session, valid_from, valid_to, client, nomor_cs FROM sessions"))
	w.same("label_event_changes", lines(), w.rows("SELECT * FROM label_event_changes"))
	w.isAsFolded(store.Settings{Zone: jakarta}, []store.Input{in}, "hansarang_cs1")

	w.record(From(s.Take(siti, "4", 44388), "6281234000001", ""))
	w.same("label_spans after the removal", lines(sitiP+" 4 [0,44388)"), w.spans("hansarang_cs1"))
	w.same("active_labels after the removal", lines(), w.rows("SELECT * FROM active_labels"))
	w.same("label_daily after the removal", lines("1 | 0 | 1 | 0"), w.rows("SELECT added, found, removed, active FROM label_daily"))
}

func testEventColumns(w *world) {
	want := lines("seq", "event_id", "timestamp_unix", "klien", "nomor_cs", "nomor_lead", "label_id", "label_name", "status",
		"session", "chat_id", "source", "not_before", "received_at")
	got := w.Columns(w.tb, "SELECT * FROM label_events")
	for _, c := range want {
		if !slices.Contains(got, c) {
			w.t.Errorf("label_events has no column %s: %v", c, got)
		}
	}
	w.same("columns of active_labels", lines("klien", "session", "nomor_cs", "nomor_lead", "label_id", "label_name", "since"),
		w.Columns(w.tb, "SELECT * FROM active_labels"))

	w.configure(store.Settings{})
	s := Scene{"columns"}
	found, imported := s.Found(siti, "1", 5000), s.Put(budi, "1", 6000)
	imported.Event.Source, imported.Event.SaidClient, imported.Event.SaidCS = label.FromImport, "toko lama", "6281234000009"
	w.record(found, imported)
	w.same("a snapshot's and an import's rows",
		lines("snapshot | 1753798949612 | 1 | columns | ", "import | NULL | 0 | toko lama | 6281234000009"),
		w.rows("SELECT source, not_before, start_unknown, klien, nomor_cs FROM label_events WHERE session = 'columns' ORDER BY timestamp_unix"))
	w.same("spans", lines(sitiP+" 1 [5000,…) found", budiP+" 1 [6000,…)"), w.spans("columns"))
	w.same("days", lines("1 | 1 | 0 | 2"), w.rows("SELECT added, found, removed, active FROM label_daily WHERE session = 'columns'"))
	if w.one("SELECT COUNT(DISTINCT seq) FROM label_events") != w.one("SELECT COUNT(*) FROM label_events") {
		w.t.Errorf("seq is not unique")
	}
	w.isAsFolded(store.Settings{Zone: jakarta}, []store.Input{found, imported}, "columns")
}

func testIdempotent(w *world) {
	settings := store.Settings{Zone: jakarta}
	w.configure(settings)
	s := Scene{"again"}
	in := []store.Input{
		s.Put(siti, "1", 10), s.Take(siti, "1", 20), Called(s.Put(budi, "2", 15), "Hot", 1), s.Name("1", "Grade A", 2, 5),
		s.Delete("2", 30), s.Pair(lid+"@lid", sitiP, 12), s.Put(lid+"@lid", "2", 13), From(s.In(siti, 1), "6281234000001", "hansarang"),
	}
	first := w.record(in...)
	w.same("recorded first", store.Recorded{Events: 4, Spans: 3, Sessions: []string{"again"}}, store.Recorded{Events: first.Events, Known: first.Known, Spans: first.Spans, Sessions: first.Sessions})
	before := Dump(w.tb, w.Harness, "again")
	for name, again := range map[string]func(){
		"the same batch":      func() { w.record(in...) },
		"one by one":          func() { w.recordEach(in...) },
		"backwards":           func() { b := slices.Clone(in); slices.Reverse(b); w.recordEach(b...) },
		"doubled in a batch":  func() { w.record(append(slices.Clone(in), in...)...) },
		"by another server":   func() { must(w, w.Reopen(w.tb), in...) },
		"a batch of nothing":  func() { w.record() },
		"received again":      func() { w.record(receivedLater(in)...) },
		"settings once more":  func() { w.configure(settings) },
		"a rebuild":           func() { w.rebuild() },
		"views and all again": func() { w.ensureViews(); w.record(in...); w.ensureViews() },
	} {
		again()
		w.same(name, before, Dump(w.tb, w.Harness, "again"))
	}
	done := w.record(in...)
	// Four events and two changes of labels were there already.
	w.same("recorded again", store.Recorded{Known: 6}, done)
	w.isAsFolded(settings, in, "again")
	w.same("changes", lines(), w.rows("SELECT * FROM label_event_changes"))
}

// receivedLater is the same, delivered a minute later.
func receivedLater(in []store.Input) []store.Input {
	var out []store.Input
	for _, i := range in {
		if i.Event != nil {
			e := *i.Event
			e.ReceivedAt += 60_000
			i.Event = &e
		}
		if i.Change != nil {
			c := *i.Change
			c.ReceivedAt += 60_000
			i.Change = &c
		}
		out = append(out, i)
	}
	return out
}

func must(w *world, s store.Store, in ...store.Input) {
	w.t.Helper()
	if _, err := recordOn(w.ctx(), s, in); err != nil {
		w.t.Fatalf("record: %v", err)
	}
}

// rebuild rebuilds sessions, or all.
func (w *world) rebuild(sessions ...string) store.RebuildResult {
	w.t.Helper()
	r, err := w.Store.Rebuild(w.ctx(), store.RebuildOptions{Sessions: sessions})
	if err != nil {
		w.t.Fatalf("rebuild: %v", err)
	}
	return r
}
