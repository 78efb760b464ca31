package storetest

import (
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tandai/internal/label"
	"tandai/internal/lead"
	"tandai/internal/store"
)

// snapshot is an event that came from comparing with WAHA.
func (s Scene) snapshot(in store.Input, notBefore int64) store.Input {
	e := *in.Event
	e.ID = label.EventID("", s.Session, "snapshot", e.ID)
	e.Source, e.NotBefore = label.FromSnapshot, Epoch+notBefore
	in.Event = &e
	return in
}

func testReconciliation(w *world) {
	s := Scene{Session: "cs1"}
	put, gone, late := s.Put("628111@c.us", "1", 100), s.Take("628222@c.us", "2", 300), s.Put("628333@c.us", "1", 400)
	late.Event.ReceivedAt = Epoch + 10*60_000
	w.record(put, s.Put("628222@c.us", "2", 200), gone, late, s.Put("77@lid", "3", 500), s.Pair("77@lid", "628777", 450), s.Delete("3", 600))
	w.record(Scene{Session: "other"}.Put("628111@c.us", "1", 100))

	read := func(keys ...store.LabelOn) store.Shown {
		w.t.Helper()
		shown, err := w.Store.Shown(w.ctx(), "cs1", func(store.Shown) []store.LabelOn { return keys })
		if err != nil {
			w.t.Fatalf("shown: %v", err)
		}
		return shown
	}
	w.sub("shown", func(w *world) {
		never, removed, deleted := store.LabelOn{Lead: "628999", LabelID: "1"}, store.LabelOn{Lead: "628222", LabelID: "2"}, store.LabelOn{Lead: "628777", LabelID: "3"}
		got := read(never, removed, deleted)
		var active []string
		for _, a := range got.Active {
			active = append(active, a.Lead+" "+a.LabelID+" "+a.ChatID)
		}
		w.equal("active", []string{"628111 1 628111@c.us", "628333 1 628333@c.us"}, active, cmpopts.SortSlices(func(a, b string) bool { return a < b }))
		w.equal("people", lead.Identities{"77@lid": "628777"}, got.People)
		w.equal("history of what was removed", store.Last{At: Epoch + 300, ID: gone.Event.ID, ReceivedAt: Epoch + 307}, got.History[removed])
		if l := got.History[deleted]; l.At != Epoch+600 {
			w.t.Errorf("the deletion of the whole label is not the last of its leads: %+v", l)
		}
		w.equal("history of what never was", store.Last{}, got.History[never])
		w.equal("agreements", map[string]int64{}, got.AgreedAt)
	})

	w.sub("paired", func(w *world) {
		for _, step := range []struct {
			at     int64
			status string
			want   int64
		}{
			{1, "WORKING", 0}, {10, "SCAN_QR_CODE", Epoch + 10}, {30, "WORKING", Epoch + 30}, {20, "WORKING", Epoch + 20},
			{40, "STARTING", Epoch + 20}, {50, "WORKING", Epoch + 20}, {60, "PASSKEY_REQUIRED", Epoch + 60},
		} {
			at := Epoch + step.at
			w.record(store.Input{Session: "cs1", At: at, Engine: "GOWS", Statuses: []store.StatusAt{{Status: step.status, At: at}}})
			if got := read().PairedAt; got != step.want {
				w.t.Errorf("after %s at %d: paired at %d, want %d", step.status, step.at, got, step.want)
			}
		}
	})

	note := func(l, id string, first int64) store.Noted {
		return store.Noted{Session: "cs1", Lead: l, LabelID: id, As: store.LabelOn{Lead: l, LabelID: id}, Status: label.Added,
			ChatID: l + "@c.us", FirstAt: Epoch + first, NotedAt: Epoch + first + 3, NotBefore: Epoch, Base: store.Last{At: Epoch + 5, ID: "x"}}
	}
	save := func(r store.Reading) {
		w.t.Helper()
		if err := w.Store.SaveReading(w.ctx(), r); err != nil {
			w.t.Fatalf("save reading: %v", err)
		}
	}
	run := store.ReadingRun{ID: "r1", Session: "cs1", Reason: "start", Engine: "NOWEB", StartedAt: Epoch, FinishedAt: Epoch + 9, Labels: 2, Chats: 3, Differences: 2, Open: 2}
	w.sub("notes", func(w *world) {
		first, hidden := note("628444", "1", 1000), note("88@lid", "1", 1001)
		hidden.ChatID = "88@lid"
		save(store.Reading{Run: run, Note: []store.Noted{first, hidden}, AgreedAt: map[string]int64{"": Epoch + 1, "1": Epoch + 2}})
		again := note("628444", "1", 2000)
		save(store.Reading{Run: store.ReadingRun{ID: "r2", Session: "cs1", Reason: "daily", StartedAt: Epoch + 10}, Note: []store.Noted{again}})
		got := read()
		w.equal("what was noted first stays", first, got.Noted[first.As])
		w.equal("agreements", map[string]int64{"": Epoch + 1, "1": Epoch + 2}, got.AgreedAt)

		w.record(s.Pair("88@lid", "628888", 3000))
		got = read()
		moved := hidden
		moved.Lead = "628888"
		w.equal("a note of somebody who became known", moved, got.Noted[store.LabelOn{Lead: "628888", LabelID: "1"}])

		save(store.Reading{Run: run, Forget: []store.Noted{again, moved}}) // again's time is not the note's
		got = read()
		w.equal("forgotten by time", map[store.LabelOn]store.Noted{first.As: first}, got.Noted)
		save(store.Reading{Run: run, Forget: []store.Noted{first}, Note: []store.Noted{again}})
		w.equal("begun anew", map[store.LabelOn]store.Noted{again.As: again}, read().Noted)
		all, err := w.Store.NotedDifferences(w.ctx(), "", 10)
		if err != nil || len(all) != 1 {
			w.t.Errorf("noted: %v, %v", all, err)
		}
	})
	w.sub("runs", func(w *world) {
		got, err := w.Store.Readings(w.ctx(), "cs1", 1)
		if err != nil || len(got) != 1 || got[0].ID != "r2" {
			w.t.Errorf("newest: %+v, %v", got, err)
		}
		got, err = w.Store.Readings(w.ctx(), "", 10)
		if err != nil || len(got) != 2 || cmp.Diff(run, got[1]) != "" {
			w.t.Errorf("all: %+v, %v", got, err)
		}
		save(store.Reading{Run: store.ReadingRun{ID: "r3", Session: "cs1", StartedAt: Epoch + 99}, KeepFrom: Epoch + 50})
		if got, err = w.Store.Readings(w.ctx(), "", 10); err != nil || len(got) != 1 {
			w.t.Errorf("after letting go of old ones: %+v, %v", got, err)
		}
	})
	w.sub("coverage", func(w *world) {
		first, repair := s.Found("628555@c.us", "1", 700), s.snapshot(s.Take("628111@c.us", "1", 800), 650)
		again := s.Put("628333@c.us", "1", 410) // changes nothing
		w.record(first, repair, again)
		got, err := w.Store.Coverage(w.ctx(), Epoch, Epoch+1000, 60_000)
		if err != nil {
			w.t.Fatalf("coverage: %v", err)
		}
		// Put, put, take, put, deletion in time; one late; one repaired.
		w.equal("coverage", []store.Coverage{{Session: "cs1", InTime: 5, Late: 1, Repaired: 1}, {Session: "other", InTime: 1}}, got)
		rows, err := w.Store.Repaired(w.ctx(), "", Epoch, Epoch+1000, 10)
		if err != nil || len(rows) != 1 || rows[0].EventID != repair.Event.ID || *rows[0].NotBefore != Epoch+650 {
			w.t.Errorf("repaired: %+v, %v", rows, err)
		}
	})
	w.sub("hidden ids of what was repaired", func(w *world) {
		found, told, known := s.snapshot(s.Put("92@lid", "1", 900), 0), s.Put("93@lid", "1", 900), s.snapshot(s.Put("94@lid", "1", 900), 0)
		w.record(found, told, known, s.snapshot(s.Put("91@lid", "1", 900), 0), s.snapshot(s.Put("91@lid", "2", 900), 0), s.Pair("94@lid", "628994", 950))
		got, err := w.Store.HiddenRepaired(w.ctx(), "cs1")
		if err != nil {
			w.t.Fatalf("hidden repaired: %v", err)
		}
		w.equal("of one session, each once", []string{"91@lid", "92@lid"}, got)
		if got, err = w.Store.HiddenRepaired(w.ctx(), "other"); err != nil || len(got) != 0 {
			w.t.Errorf("of another: %v, %v", got, err)
		}
	})
}

func testAmbiguous(w *world) {
	s := Scene{Session: "cs1"}
	put, take := s.Put("628111@c.us", "1", 100), s.Take("628111@c.us", "1", 100)
	if done := w.record(put); len(done.Ambiguous) != 0 {
		w.t.Errorf("one event: %v", done.Ambiguous)
	}
	if done := w.record(take); len(done.Ambiguous) != 1 || done.Ambiguous[0] != "cs1" {
		w.t.Errorf("both in one millisecond: %v", done.Ambiguous)
	}
	if done := w.record(take); len(done.Ambiguous) != 0 {
		w.t.Errorf("again: %v", done.Ambiguous)
	}
}

// equal compares values.
func (w *world) equal(what string, want, got any, opts ...cmp.Option) {
	w.t.Helper()
	if diff := cmp.Diff(want, got, opts...); diff != "" {
		w.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}
