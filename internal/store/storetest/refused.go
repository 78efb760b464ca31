package storetest

import (
	"errors"
	"strings"

	"tandai/internal/label"
	"tandai/internal/store"
)

func testRefused(w *world) {
	w.configure(store.Settings{})
	s := Scene{"refused"}
	good := s.Put(siti, "1", 5)
	w.record(good)
	event := func(change func(*label.Event)) store.Input {
		in := s.Put(budi, "2", 20)
		change(in.Event)
		return in
	}
	long := strings.Repeat("9", 500)
	for _, tc := range []struct {
		name string
		in   store.Input
	}{
		{"a lead of 500 digits", s.Put(long+"@c.us", "1", 20)},
		{"a hidden lead of 500 digits", s.Put(long+"@lid", "1", 20)},
		{"a chat id of 10,000 characters", s.Put(strings.Repeat("9", 10000)+"@c.us", "1", 20)},
		{"no chat id", s.Put("", "1", 20)},
		{"a label id of 500 characters", s.Put(siti, long, 20)},
		{"a name of 10 kB", s.Name("1", strings.Repeat("x", 10_000), 1, 20)},
		{"a name of 10 kB of emoji", s.Name("1", strings.Repeat("🔥", 2500), 1, 20)},
		{"a name of 10 kB in passing", s.Sight("1", strings.Repeat("x", 10_000), 1, 20)},
		{"a name that is not UTF-8", s.Name("1", "Grade \xff", 1, 20)},
		{"a name that is not UTF-8, in passing", s.Sight("1", "Grade \xff", 1, 20)},
		{"a name with a NUL", s.Name("1", "Grade \x00", 1, 20)},
		{"a chat id with a NUL", s.Put("62\x00@c.us", "1", 20)},
		{"no event id", event(func(e *label.Event) { e.ID = "" })},
		{"a short event id", event(func(e *label.Event) { e.ID = "abc" })},
		{"an event id in capitals", event(func(e *label.Event) { e.ID = strings.ToUpper(e.ID) })},
		{"an event id of other letters", event(func(e *label.Event) { e.ID = strings.Repeat("é", 32) })},
		{"no status", event(func(e *label.Event) { e.Status = "" })},
		{"another status", event(func(e *label.Event) { e.Status = "moved_label" })},
		{"no label id", event(func(e *label.Event) { e.LabelID = "" })},
		{"no time", event(func(e *label.Event) { e.At = 0 })},
		{"a time before time", event(func(e *label.Event) { e.At = -5 })},
		{"no source", event(func(e *label.Event) { e.Source = "" })},
		{"a source that only the fold may use", event(func(e *label.Event) { e.Source = label.FromLabelDeleted })},
		{"another session inside", event(func(e *label.Event) { e.Session = "other" })},
		{"no session", inSession("", []store.Input{s.Put(budi, "2", 20)})[0]},
		{"a session of 500 characters", inSession(long, []store.Input{s.Put(budi, "2", 20)})[0]},
		{"a client of 500 characters", From(s.Put(budi, "2", 20), "", long)},
		{"a number of 500 digits", From(s.Put(budi, "2", 20), long, "")},
		{"a status of 500 characters", s.Status(long, 20)},
		{"a pair with a phone of 500 digits", s.Pair(lid+"@lid", long, 20)},
		{"a pair with a hidden id of 500 digits", s.Pair(long+"@lid", sitiP, 20)},
		{"a pair without a phone", s.Pair(lid+"@lid", "", 20)},
		{"a pair of a phone with a phone", s.Pair(budiP, sitiP, 20)},
		{"a message in a chat of 500 digits", s.In(long+"@c.us", 20)},
		{"a message in no chat", s.In("", 20)},
		{"a change of a label without an id", event(func(*label.Event) {})},
	} {
		in := tc.in
		if tc.name == "a change of a label without an id" {
			in = s.Name("1", "Grade A", 1, 20)
			c := *in.Change
			c.ID, in.Change = "", &c
		}
		w.sub(tc.name, func(w *world) {
			before := Dump(w.tb, w.Harness, s.Session, "other", "", long)
			batch := []store.Input{s.Put(budi, "3", 30), in, s.Name("3", "Grade C", 1, 1), s.In(budi, 31)}
			_, err := w.Store.Record(w.ctx(), batch)
			if !errors.Is(err, store.ErrRefused) {
				w.t.Errorf("record: %v, want it refused", err)
			}
			if errors.Is(err, store.ErrUnavailable) || errors.Is(err, store.ErrConflict) {
				w.t.Errorf("record: %v is of several classes", err)
			}
			w.same("tables after a batch with it", before, Dump(w.tb, w.Harness, s.Session, "other", "", long))
		})
	}
	w.sub("what is just short enough", func(w *world) {
		s := Scene{strings.Repeat("s", 54)}
		in := []store.Input{
			From(s.Put(strings.Repeat("9", 55)+"@lid", strings.Repeat("1", 20), 10), strings.Repeat("6", 20), strings.Repeat("k", 100)),
			s.Name(strings.Repeat("1", 20), strings.Repeat("🔥", 255), 1, 5),
			s.Status("PASSKEY_CONFIRMATION_REQUIRED", 6),
		}
		w.record(in...)
		w.isAsFolded(store.Settings{Zone: jakarta}, in, s.Session)
	})
	w.verify()
}

// testAway: a database that cannot be asked is nobody's event's fault.
func testAway(w *world) {
	in := Scene{"away"}.Put(siti, "1", 10)
	w.sub("not migrated", func(w *world) { w.unavailable(w.Bare(w.tb), in) })
	w.sub("a table lost", func(w *world) {
		s := w.Reopen(w.tb)
		w.Exec(w.tb, "ALTER TABLE label_spans RENAME TO label_spans_away")
		w.unavailable(s, in)
		w.Exec(w.tb, "ALTER TABLE label_spans_away RENAME TO label_spans")
		must(w, s, in)
		w.same("spans", lines(sitiP+" 1 [10,…)"), w.spans("away"))
	})
	w.sub("closed", func(w *world) {
		s := w.Reopen(w.tb)
		for range 2 {
			if err := s.Close(); err != nil {
				w.t.Errorf("close: %v", err)
			}
		}
		w.unavailable(s, in)
		if err := s.Ping(w.ctx()); !errors.Is(err, store.ErrUnavailable) {
			w.t.Errorf("ping: %v, want unavailable", err)
		}
		if _, err := s.EnsureViews(w.ctx()); !errors.Is(err, store.ErrUnavailable) {
			w.t.Errorf("ensure views: %v, want unavailable", err)
		}
		if _, err := s.Missing(w.ctx(), []string{in.Event.ID}); !errors.Is(err, store.ErrUnavailable) {
			w.t.Errorf("missing: %v, want unavailable", err)
		}
		if _, err := s.Rebuild(w.ctx(), store.RebuildOptions{}); !errors.Is(err, store.ErrUnavailable) {
			w.t.Errorf("rebuild: %v, want unavailable", err)
		}
		if err := s.Configure(w.ctx(), store.Settings{Zone: jakarta}); !errors.Is(err, store.ErrUnavailable) {
			w.t.Errorf("configure: %v, want unavailable", err)
		}
	})
	w.sub("refused stays refused while it is away", func(w *world) {
		s := w.Reopen(w.tb)
		_ = s.Close()
		if _, err := s.Record(w.ctx(), []store.Input{Scene{"away"}.Put("", "1", 10)}); errors.Is(err, store.ErrConflict) || err == nil {
			w.t.Errorf("record: %v", err)
		}
	})
}

func (w *world) unavailable(s store.Store, in store.Input) {
	w.t.Helper()
	_, err := s.Record(w.ctx(), []store.Input{in})
	if !errors.Is(err, store.ErrUnavailable) {
		w.t.Errorf("record: %v, want unavailable", err)
	}
	if errors.Is(err, store.ErrRefused) {
		w.t.Errorf("record: %v also counts as refused", err)
	}
}
