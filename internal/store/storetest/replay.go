package storetest

import (
	"errors"
	"fmt"

	"tandai/internal/label"
	"tandai/internal/store"
)

// testReplay: the same delivery, mapped otherwise after a fix.
func testReplay(w *world) {
	settings := store.Settings{Zone: jakarta}
	w.configure(settings)
	const cs = "6281234000001"
	changes := func(w *world, id string) []string {
		return w.rows("SELECT column_name, old_value, new_value FROM label_event_changes WHERE event_id = ? AND column_name NOT LIKE 'said%' ORDER BY changed_at, column_name", id)
	}
	for _, tc := range []struct {
		name    string
		fix     func(*store.Input)
		changes func(store.Input) []string
		spans   []string
	}{
		{
			name:    "another label",
			fix:     func(i *store.Input) { i.Event.LabelID = "7" },
			changes: func(store.Input) []string { return lines("label_id | 1 | 7") },
			spans:   lines(sitiP+" 1 [20,30)", sitiP+" 7 [10,…)"),
		},
		{
			name:    "another status",
			fix:     func(i *store.Input) { i.Event.Status = label.Removed },
			changes: func(store.Input) []string { return lines("status | add_label | delete_label") },
			spans:   lines(sitiP + " 1 [20,30)"),
		},
		{
			name:    "another time",
			fix:     func(i *store.Input) { i.Event.At, i.At = Epoch+15, Epoch+15 },
			changes: func(store.Input) []string { return lines(fmt.Sprintf("timestamp_unix | %d | %d", Epoch+10, Epoch+15)) },
			spans:   lines(sitiP + " 1 [15,30)"),
		},
		{
			name: "another chat",
			fix:  func(i *store.Input) { i.Event.ChatID = budi },
			changes: func(store.Input) []string {
				return lines("chat_id | "+siti+" | "+budi, "nomor_lead | "+sitiP+" | "+budiP)
			},
			spans: lines(sitiP+" 1 [20,30)", budiP+" 1 [10,…)"),
		},
		{
			name: "a client that is named now",
			fix:  func(i *store.Input) { *i = From(*i, cs, "sari") },
			changes: func(i store.Input) []string {
				return lines("klien | " + i.Session + " | sari")
			},
			spans: lines(sitiP + " 1 [10,30)"),
		},
		{
			name: "another number",
			fix:  func(i *store.Input) { *i = From(*i, "6281234000002", "") },
			changes: func(i store.Input) []string {
				return lines("nomor_cs | " + cs + " | 6281234000002")
			},
			spans: lines(sitiP + " 1 [10,30)"),
		},
		{
			name:    "there already when we first looked",
			fix:     func(i *store.Input) { i.Event.Source, i.Event.StartUnknown = label.FromSnapshot, true },
			changes: func(store.Input) []string { return lines("source | webhook | snapshot", "start_unknown | 0 | 1") },
			spans:   lines(sitiP + " 1 [10,30) found"),
		},
	} {
		w.sub(tc.name, func(w *world) {
			s := Scene{slug("replay "+tc.name, 0)}
			old := From(s.Put(siti, "1", 10), cs, "")
			rest := []store.Input{From(s.Put(siti, "1", 20), cs, ""), From(s.Take(siti, "1", 30), cs, "")}
			w.record(append(rest, old)...)
			fixed := old
			event := *old.Event
			event.ReceivedAt += 1000 // when a replay runs is not when it was received
			fixed.Event = &event
			tc.fix(&fixed)

			if done := w.record(fixed); done.Changed != 1 || done.Events != 0 {
				w.t.Errorf("recorded %+v, want one row changed and none new", done)
			}
			w.same("changes", tc.changes(old), changes(w, old.Event.ID))
			w.same("spans", tc.spans, w.spans(s.Session))
			fixed.Event.ReceivedAt = old.Event.ReceivedAt
			w.verify(s.Session)
			w.same("label_events", Want(settings, append(rest, fixed))["label_events"], Dump(w.tb, w.Harness, s.Session)["label_events"])
			w.same("label_spans", Want(settings, append(rest, fixed))["label_spans"], Dump(w.tb, w.Harness, s.Session)["label_spans"])
			w.same("label_daily", Want(settings, append(rest, fixed))["label_daily"], Dump(w.tb, w.Harness, s.Session)["label_daily"])
			if at := w.rows("SELECT DISTINCT changed_at > 1700000000000 FROM label_event_changes WHERE event_id = ?", old.Event.ID); len(at) != 1 || at[0] != "1" {
				w.t.Errorf("changed_at is not Unix ms: %v", at)
			}
			if done := w.record(fixed); done.Changed != 0 || done.Known != 1 {
				w.t.Errorf("the same replay again: %+v", done)
			}
			w.same("changes after the same replay", tc.changes(old), changes(w, old.Event.ID))
		})
	}
	w.sub("another session", func(w *world) {
		here, there := Scene{"replay_here"}, Scene{"replay_there"}
		old := here.Put(siti, "1", 10)
		w.record(old, here.Put(budi, "1", 11))
		fixed := inSession(there.Session, []store.Input{old})[0]
		fixed.Event.ID = old.Event.ID
		// The session is part of what the id is made of: a store may refuse, or move
		// the row, but not leave half of it.
		_, err := recordOn(w.ctx(), w.Store, []store.Input{fixed})
		switch {
		case err == nil:
			w.same("spans here", lines(budiP+" 1 [11,…)"), w.spans(here.Session))
			w.same("spans there", lines(sitiP+" 1 [10,…)"), w.spans(there.Session))
		case errors.Is(err, store.ErrRefused):
			w.same("spans here", lines(sitiP+" 1 [10,…)", budiP+" 1 [11,…)"), w.spans(here.Session))
			w.same("spans there", lines(), w.spans(there.Session))
		default:
			w.t.Errorf("record: %v", err)
		}
		w.verify(here.Session)
	})
	w.sub("a label's change that meant another label", func(w *world) {
		s := Scene{"replay_label"}
		wrong := s.Delete("1", 20)
		w.record(s.Put(siti, "1", 10), s.Put(budi, "2", 11), wrong)
		right := wrong
		change := *wrong.Change
		change.LabelID = "2"
		right.Change = &change
		w.record(right)
		w.same("spans", lines(sitiP+" 1 [10,…)", budiP+" 2 [11,20)"), w.spans(s.Session))
		w.same("log", lines("10 "+sitiP+" +1", "11 "+budiP+" +2", "20 "+budiP+" -2 derived"), w.log(s.Session))
		w.isAsFolded(settings, []store.Input{s.Put(siti, "1", 10), s.Put(budi, "2", 11), right}, s.Session)
	})
	w.sub("a label's name that meant another label", func(w *world) {
		s := Scene{"replay_name"}
		wrong := s.Name("1", "Grade A", 3, 20)
		w.record(s.Put(siti, "1", 10), s.Put(budi, "2", 11), wrong)
		right := wrong
		change := *wrong.Change
		change.LabelID = "2"
		right.Change = &change
		w.record(right)
		w.same("log", lines("10 "+sitiP+" +1", "11 "+budiP+" +2 Grade A"), w.log(s.Session))
		w.isAsFolded(settings, []store.Input{s.Put(siti, "1", 10), s.Put(budi, "2", 11), right}, s.Session)
	})
	w.sub("a deletion that was none", func(w *world) {
		s := Scene{"replay_deletion"}
		wrong := s.Delete("1", 20)
		w.record(s.Put(siti, "1", 10), wrong)
		right := wrong
		change := *wrong.Change
		change.Deleted, change.Name, change.Color = false, "Grade A", 3
		right.Change = &change
		w.record(right)
		w.same("spans", lines(sitiP+" 1 [10,…)"), w.spans(s.Session))
		w.isAsFolded(settings, []store.Input{s.Put(siti, "1", 10), right}, s.Session)
	})
	w.verify()
}
