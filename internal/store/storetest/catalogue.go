package storetest

import (
	"tandai/internal/label"
	"tandai/internal/store"
)

// testCatalogue: what a reader of WAHA's labels sees of them, and its notes.
func testCatalogue(w *world) {
	w.configure(store.Settings{Zone: jakarta})
	s, other := Scene{"catalogue"}, Scene{"other_catalogue"}
	w.record(s.Name("1", "Grade A", 3, 10), s.Name("1", "Grade A+", 3, 20), s.Sight("2", "Promo", label.NoColor, 30), s.Put(siti, "2", 40), s.Found(siti, "2", 60),
		s.Name("3", "Lama", 1, 10), s.Delete("3", 50), s.Delete("4", 70), s.Put(siti, "5", 10), other.Name("1", "Lain", 1, 10))
	states := func() []store.LabelState {
		w.t.Helper()
		all, err := w.Store.LabelStates(w.ctx(), "catalogue")
		if err != nil {
			w.t.Fatalf("%v", err)
		}
		return all
	}
	note := func(keep []store.LabelNote, drop ...string) {
		w.t.Helper()
		if err := w.Store.NoteLabels(w.ctx(), "catalogue", keep, drop); err != nil {
			w.t.Fatalf("%v", err)
		}
	}
	want := []store.LabelState{
		{LabelID: "1", Name: "Grade A+", Color: 3, From: Epoch + 20},
		{LabelID: "2", Name: "Promo", Color: label.NoColor},
		{LabelID: "3", Color: label.NoColor, DeletedAt: Epoch + 50},
		{LabelID: "4", Color: label.NoColor, DeletedAt: Epoch + 70},
	}
	w.same("states", want, states())
	missing := store.LabelNote{LabelID: "2", Missing: true, Color: label.NoColor, At: Epoch + 80}
	renamed := store.LabelNote{LabelID: "1", Name: "VIP 🔥", Color: 4, At: Epoch + 90}
	note([]store.LabelNote{missing, renamed})
	want[0].Note, want[1].Note, want[1].AddedAt = &renamed, &missing, Epoch+40 // a snapshot's add is no sign of life
	w.same("noted", want, states())
	again := renamed
	again.At, again.Name = Epoch+100, "VIP"
	note([]store.LabelNote{again}, "2", "77")
	want[0].Note, want[1].Note, want[1].AddedAt = &again, nil, 0
	w.same("one noted anew, one dropped", want, states())
	note(nil)
	w.same("nothing to note", want, states())
	w.verify()
}
