package storetest

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"tandai/internal/label"
	"tandai/internal/store"
)

func otherID(session, id string) string { return label.EventID("", session, "again", id) }

func testNames(w *world) {
	settings := store.Settings{Zone: jakarta}
	w.configure(settings)
	for _, tc := range []struct {
		name   string
		in     func(Scene) []store.Input
		log    []string
		active []string
	}{
		{
			name:   "a name that is said later reaches back",
			in:     func(s Scene) []store.Input { return []store.Input{s.Put(siti, "1", 10), s.Name("1", "Grade A", 3, 50)} },
			log:    lines("10 " + sitiP + " +1 Grade A"),
			active: lines("Grade A"),
		},
		{
			name: "a name seen in passing does as well",
			in: func(s Scene) []store.Input {
				return []store.Input{s.Put(siti, "1", 10), Called(s.Put(budi, "1", 50), "Grade A", 3)}
			},
			log:    lines("10 "+sitiP+" +1 Grade A", "50 "+budiP+" +1 Grade A"),
			active: lines("Grade A", "Grade A"),
		},
		{
			name: "the log keeps the old name, what is active has the new",
			in: func(s Scene) []store.Input {
				return []store.Input{s.Name("1", "Grade A", 3, 5), s.Put(siti, "1", 10), s.Name("1", "Hot", 3, 20), s.Put(budi, "1", 20), s.Take(budi, "1", 21)}
			},
			log:    lines("10 "+sitiP+" +1 Grade A", "20 "+budiP+" +1 Hot", "21 "+budiP+" -1 Hot"),
			active: lines("Hot"),
		},
		{
			name: "a removal at the rename had the old name",
			in: func(s Scene) []store.Input {
				return []store.Input{s.Name("1", "Grade A", 3, 5), s.Put(siti, "1", 10), s.Take(siti, "1", 20), s.Name("1", "Hot", 3, 20)}
			},
			log: lines("10 "+sitiP+" +1 Grade A", "20 "+sitiP+" -1 Grade A"),
		},
		{
			name: "a reused id: each life its own name",
			in: func(s Scene) []store.Input {
				return []store.Input{s.Name("1", "Grade A", 3, 5), s.Put(siti, "1", 10), s.Delete("1", 20), s.Put(budi, "1", 30), s.Name("1", "Hot", 4, 40)}
			},
			log:    lines("10 "+sitiP+" +1 Grade A", "20 "+sitiP+" -1 Grade A derived", "30 "+budiP+" +1 Hot"),
			active: lines("Hot"),
		},
		{
			name:   "no name at all",
			in:     func(s Scene) []store.Input { return []store.Input{s.Put(siti, "1", 10), s.Name("2", "Grade A", 3, 5)} },
			log:    lines("10 " + sitiP + " +1"),
			active: lines(""),
		},
		{
			name: "a deleted label's name is not that of an add after it",
			in: func(s Scene) []store.Input {
				return []store.Input{s.Name("1", "Grade A", 3, 5), s.Delete("1", 20), s.Put(siti, "1", 30)}
			},
			log:    lines("30 " + sitiP + " +1"),
			active: lines(""),
		},
		{
			name: "a deleted label's name, carried by a removal of that very millisecond, is of the past",
			in: func(s Scene) []store.Input {
				return []store.Input{s.Put(siti, "1", 10), Called(s.Take(siti, "1", 20), "Grade A", 3), s.Delete("1", 20), s.Put(budi, "1", 30)}
			},
			log:    lines("10 "+sitiP+" +1 Grade A", "20 "+sitiP+" -1 Grade A", "30 "+budiP+" +1"),
			active: lines(""),
		},
		{
			name: "seen in passing twice: from the first time on",
			in: func(s Scene) []store.Input {
				return []store.Input{s.Name("1", "Grade A", 3, 5), s.Sight("1", "Hot", 3, 40), s.Sight("1", "Hot", 3, 20), s.Put(siti, "1", 30)}
			},
			log:    lines("30 " + sitiP + " +1 Hot"),
			active: lines("Hot"),
		},
		{
			name: "renamed and renamed back, seen in passing",
			in: func(s Scene) []store.Input {
				return []store.Input{s.Sight("1", "Grade A", 3, 10), s.Sight("1", "Hot", 3, 20), s.Sight("1", "Grade A", 3, 30), s.Put(siti, "1", 25), s.Put(budi, "1", 35)}
			},
			log:    lines("25 "+sitiP+" +1 Hot", "35 "+budiP+" +1 Grade A"),
			active: lines("Grade A", "Grade A"),
		},
		{
			name: "an upsert that says the colour only",
			in: func(s Scene) []store.Input {
				return []store.Input{s.Name("1", "Grade A", 3, 5), s.Name("1", "", 4, 20), s.Put(siti, "1", 30)}
			},
			log:    lines("30 " + sitiP + " +1 Grade A"),
			active: lines("Grade A"),
		},
	} {
		w.sub(tc.name, func(w *world) {
			for n, order := range orders(tc.in(Scene{}), 10) {
				session := slug(tc.name, n)
				order = inSession(session, order)
				w.recordEach(order...)
				w.same("log", tc.log, w.log(session))
				w.same("active", tc.active, w.rows("SELECT label_name FROM active_labels WHERE session = ? ORDER BY nomor_lead", session))
				if n == 0 {
					w.isAsFolded(settings, order, session)
				}
			}
		})
	}
	w.sub("what was filled in is told", func(w *world) {
		s := Scene{"filled"}
		w.record(s.Put(siti, "1", 10), s.Put(budi, "1", 11))
		if done := w.record(s.Name("1", "Grade A", 3, 50)); done.Filled != 2 || done.Events != 0 {
			w.t.Errorf("recorded %+v, want 2 rows filled", done)
		}
		if done := w.record(s.Name("1", "Grade A", 3, 60)); done.Filled != 0 {
			w.t.Errorf("recorded %+v, want nothing filled", done)
		}
	})
	w.verify()
}

// testScripts: ids and names are kept and compared as they are.
func testScripts(w *world) {
	settings := store.Settings{Zone: jakarta}
	w.configure(settings)
	s := Scene{"scripts"}
	names := []string{
		"🔥", "🧊", "👨‍👩‍👧‍👦", "🇮🇩", "a", "a ", "A", "ａ", "á", "a\u0301", "ß", "ss", "ı", "i", "İ", "مهتم جدا", "\u200eBelum dibaca", "ガ", "が",
		"'", `"`, "`", "\\", "%", "_", "a\tb", "a\nb", " ", "NULL", "$1 ? :x", strings.Repeat("🔥", 100), strings.Repeat("x", 255), "\u00a0a",
	}
	var in []store.Input
	for n, name := range names {
		id := fmt.Sprint(n + 1)
		in = append(in, s.Name(id, name, n%20, 5), s.Put(siti, id, 10))
	}
	w.record(in...)
	for n, name := range names {
		id := fmt.Sprint(n + 1)
		for _, table := range []string{"label_events", "active_labels"} {
			if got := w.one("SELECT label_name FROM "+table+" WHERE session = 'scripts' AND label_id = ?", id); got != name {
				w.t.Errorf("%s: %q came back as %q", table, name, got)
			}
		}
		if got := w.one("SELECT name FROM labels WHERE session = 'scripts' AND label_id = ?", id); got != name {
			w.t.Errorf("labels: %q came back as %q", name, got)
		}
	}
	w.isAsFolded(settings, in, "scripts")

	w.sub("counted apart", func(w *world) {
		counts, err := w.Store.Active(w.ctx())
		if err != nil {
			w.t.Fatalf("active: %v", err)
		}
		got := map[string]int{}
		for _, c := range counts {
			got[c.LabelName] += c.Leads
		}
		for _, name := range names {
			if got[name] != 1 {
				w.t.Errorf("%q is on %d leads, want 1", name, got[name])
			}
		}
	})
	w.sub("a rename to a name that looks alike is a rename", func(w *world) {
		s := Scene{"alike"}
		chain := []string{"a", "a ", "A", "á", "a\u0301", "ａ", "🔥", "🧊", "ss", "ß"}
		var in []store.Input
		for n, name := range chain {
			in = append(in, s.Name("1", name, 3, int64(10*(n+1))), s.Sight("2", name, 3, int64(10*(n+1))), s.Put(siti, "1", int64(10*(n+1))))
		}
		w.recordEach(in...)
		for _, id := range []string{"1", "2"} {
			w.same("versions of "+id, chain, w.rows("SELECT name FROM labels WHERE session = 'alike' AND label_id = ? ORDER BY valid_from", id))
		}
		w.isAsFolded(settings, in, "alike")
	})
	w.sub("clients that look alike are not one", func(w *world) {
		s := Scene{"clients_alike"}
		var in []store.Input
		for n, client := range []string{"sari", "sari ", "Sari", "sarí", "🔥", "🧊"} {
			in = append(in, From(s.Put(siti, fmt.Sprint(n), int64(10*(n+1))), "", client))
		}
		w.recordEach(in...)
		w.isAsFolded(settings, in, "clients_alike")
	})
	w.sub("sessions that look alike are not one", func(w *world) {
		var in []store.Input
		for n, session := range []string{"hansarang_CS1", "hansarang_cs1", "Hansarang_cs1"} {
			in = append(in, Scene{session}.Put(siti, fmt.Sprint(n), 10))
		}
		w.record(in...)
		w.isAsFolded(settings, in, "hansarang_CS1", "hansarang_cs1", "Hansarang_cs1")
	})
	if n := utf8.RuneCountInString(strings.Repeat("🔥", 100)); n != 100 {
		w.t.Errorf("the long name has %d characters", n)
	}
}
