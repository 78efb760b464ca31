package storetest

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"tandai/internal/store"
)

var originals = []string{"timestamp_unix", "klien", "nomor_cs", "nomor_lead", "label_id", "label_name", "status"}

// quoted is a name in SQL; both engines take MySQL's quotes.
func quoted(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// viewOf is the view a session has, as pages show it.
func (w *world) viewOf(session string) store.SessionInfo {
	w.t.Helper()
	all, err := w.Store.SessionList(w.ctx())
	if err != nil {
		w.t.Fatalf("session list: %v", err)
	}
	for _, s := range all {
		if s.Session == session {
			return s
		}
	}
	w.t.Fatalf("session %q is not in the list %+v", session, all)
	return store.SessionInfo{}
}

// holdsSession fails when the view is not the session's rows in seven columns.
func (w *world) holdsSession(view, session string) {
	w.t.Helper()
	w.same("columns of "+view, originals, w.Columns(w.tb, "SELECT * FROM "+quoted(view)))
	names := strings.Join(originals, ", ")
	w.same("rows of "+view,
		w.rows("SELECT "+names+" FROM label_events WHERE session = ? ORDER BY timestamp_unix, event_id", session),
		w.rows("SELECT "+names+" FROM "+quoted(view)+" ORDER BY timestamp_unix, nomor_lead, label_id, status"))
}

func testViews(w *world) {
	w.configure(store.Settings{Sessions: []store.SessionConfig{{Session: "sari_cs1", Client: "sari", View: "label sari-1", Zone: jakarta}}})
	one, two, server := Scene{"hansarang_cs1"}, Scene{"sari_cs1"}, Scene{"pusat.hansarang_cs2"}
	w.record(Called(one.Put(siti, "1", 10), "Grade A", 1), one.Put(budi, "1", 20), one.Delete("1", 30),
		two.Put(siti, "1", 10), server.Put(siti, "1", 10), server.Take(siti, "1", 20))
	if notes := w.ensureViews(); len(notes) != 0 {
		w.t.Errorf("notes %+v", notes)
	}
	views := map[string]string{"hansarang_cs1": "labeling_hansarang_cs1", "sari_cs1": "label sari-1", "pusat.hansarang_cs2": "labeling_pusat_hansarang_cs2"}
	for session, view := range views {
		w.same("view of "+session, view, w.viewOf(session).View)
		w.same("note of "+session, "", w.viewOf(session).ViewNote)
		w.same("columns of "+view, originals, w.Columns(w.tb, "SELECT * FROM "+quoted(view)))
	}
	w.same("rows", lines("1753798945622 | hansarang_cs1 |  | 6285678000111 | 1 | Grade A | add_label",
		"1753798945632 | hansarang_cs1 |  | 6285678000222 | 1 | Grade A | add_label",
		"1753798945642 | hansarang_cs1 |  | 6285678000111 | 1 | Grade A | delete_label",
		"1753798945642 | hansarang_cs1 |  | 6285678000222 | 1 | Grade A | delete_label"),
		w.rows("SELECT * FROM labeling_hansarang_cs1 ORDER BY timestamp_unix, nomor_lead"))
	w.same("rows of the configured name", "1", w.one("SELECT COUNT(*) FROM `label sari-1`"))
	w.same("rows of another server's session", "2", w.one("SELECT COUNT(*) FROM labeling_pusat_hansarang_cs2"))

	w.sub("follow what is recorded", func(w *world) {
		w.record(one.Put(siti, "2", 40))
		w.same("rows", "5", w.one("SELECT COUNT(*) FROM labeling_hansarang_cs1"))
	})
	w.sub("cannot be written through", func(w *world) {
		for _, statement := range []string{
			"UPDATE labeling_hansarang_cs1 SET klien = 'x'",
			"UPDATE labeling_hansarang_cs1 SET status = 'delete_label' WHERE nomor_lead = '6285678000111'",
			"DELETE FROM labeling_hansarang_cs1",
			"DELETE FROM labeling_hansarang_cs1 WHERE timestamp_unix = 1",
			"INSERT INTO labeling_hansarang_cs1 (timestamp_unix, klien, nomor_cs, nomor_lead, label_id, label_name, status) VALUES (1, 'x', '1', '1', '1', 'x', 'add_label')",
			"REPLACE INTO labeling_hansarang_cs1 (timestamp_unix, klien, nomor_cs, nomor_lead, label_id, label_name, status) VALUES (1, 'x', '1', '1', '1', 'x', 'add_label')",
			"UPDATE active_labels SET label_name = 'x'",
			"UPDATE active_labels SET klien = 'x'",
			"DELETE FROM active_labels",
		} {
			if err := w.Try(statement); err == nil {
				w.t.Errorf("done: %s", statement)
			}
		}
		w.verify()
		w.same("rows", "5", w.one("SELECT COUNT(*) FROM labeling_hansarang_cs1"))
	})
	w.sub("of sessions that appear, by another server, again and again", func(w *world) {
		other := w.Reopen(w.tb)
		must(w, other, Scene{"baru"}.Put(siti, "1", 10))
		for _, s := range []store.Store{other, w.Store, other} {
			if notes, err := s.EnsureViews(w.ctx()); err != nil || len(notes) != 0 {
				w.t.Errorf("ensure views: %+v, %v", notes, err)
			}
		}
		w.holdsSession("labeling_baru", "baru")
	})
	w.sub("renamed by the configuration", func(w *world) {
		w.configure(store.Settings{Sessions: []store.SessionConfig{{Session: "sari_cs1", Client: "sari", View: "labeling_sari", Zone: jakarta}}})
		w.ensureViews()
		w.holdsSession("labeling_sari", "sari_cs1")
		w.same("view", "labeling_sari", w.viewOf("sari_cs1").View)
		if err := w.Try("SELECT COUNT(*) FROM `label sari-1`"); err == nil {
			w.t.Errorf("the view of the old name is still there")
		}
	})
	w.sub("lost, and made again", func(w *world) {
		w.Exec(w.tb, "DROP VIEW labeling_hansarang_cs1")
		w.ensureViews()
		w.same("rows", "5", w.one("SELECT COUNT(*) FROM labeling_hansarang_cs1"))
	})
}

func testViewClashes(w *world) {
	suffixed := regexp.MustCompile(`_[0-9a-f]{6}$`)
	long := strings.Repeat("cabang-jakarta-selatan_", 4)
	// Characters of two bytes, so that neither the 64th byte nor the 57th is where
	// one ends: too long, and just not.
	beauty, short := "x"+strings.Repeat("é", 70), "x"+strings.Repeat("é", 40)
	w.configure(store.Settings{Sessions: []store.SessionConfig{
		{Session: "satu", Client: "a", View: "prospek", Zone: jakarta}, {Session: "dua", Client: "b", View: "Prospek", Zone: jakarta},
		{Session: "tiga", Client: "b", View: beauty, Zone: jakarta}, {Session: "lima", Client: "b", View: short, Zone: jakarta}, {Session: "empat", Client: "b", View: "x`; DROP TABLE labels; --", Zone: jakarta},
	}})
	groups := [][]string{
		{"pusat.cs1", "pusat_cs1"},
		{"Toko", "toko", "TOKO"},
		{long + "1", long + "2"},
		{"satu", "dua"},
		{"tiga"},
		{"lima"},
		{"empat"},
	}
	for _, group := range groups {
		for n, session := range group {
			w.record(Scene{session}.Put(siti, "1", int64(n)), Scene{session}.Put(budi, "1", int64(n)))
		}
	}
	if notes := w.ensureViews(); len(notes) != 0 {
		w.t.Errorf("notes %+v", notes)
	}
	check := func() {
		w.t.Helper()
		taken := map[string]string{}
		for _, group := range groups {
			plain := 0
			for _, session := range group {
				view := w.viewOf(session).View
				if other, ok := taken[strings.ToLower(view)]; ok {
					w.t.Errorf("view %q of %s is also that of %s", view, session, other)
				}
				taken[strings.ToLower(view)] = session
				if n := utf8.RuneCountInString(view); n > 64 || n == 0 || !utf8.ValidString(view) {
					w.t.Errorf("view %q of %s has %d characters", view, session, n)
				}
				if !suffixed.MatchString(view) {
					plain++
				}
				w.same("rows of "+view, w.rows("SELECT timestamp_unix, klien, nomor_lead FROM label_events WHERE session = ? ORDER BY nomor_lead", session),
					w.rows("SELECT timestamp_unix, klien, nomor_lead FROM "+quoted(view)+" ORDER BY nomor_lead"))
			}
			if plain > 1 {
				w.t.Errorf("%v: %d views without hash", group, plain)
			}
			if strings.HasPrefix(group[0], "cabang") && plain != 0 {
				w.t.Errorf("%v: a name was cut without a hash", group)
			}
		}
	}
	check()
	before := map[string]string{}
	for _, group := range groups {
		for _, session := range group {
			before[session] = w.viewOf(session).View
		}
	}
	w.ensureViews()
	w.ensureViews()
	check()
	for session, view := range before {
		w.same("view of "+session+" after the third time", view, w.viewOf(session).View)
	}

	w.sub("a table of that name is left alone", func(w *world) {
		w.Exec(w.tb, "CREATE TABLE labeling_lama (timestamp_unix BIGINT, klien VARCHAR(50))")
		w.Exec(w.tb, "INSERT INTO labeling_lama VALUES (1, 'sebelum tandai')")
		w.record(Scene{"lama"}.Put(siti, "1", 10))
		notes := w.ensureViews()
		if len(notes) != 1 || notes[0].Session != "lama" || notes[0].View != "labeling_lama" || notes[0].Note == "" {
			w.t.Errorf("notes %+v, want one about labeling_lama", notes)
		}
		info := w.viewOf("lama")
		if info.View != "" || !strings.Contains(info.ViewNote, "labeling_lama") {
			w.t.Errorf("shown as view %q, note %q", info.View, info.ViewNote)
		}
		w.same("the table", lines("1 | sebelum tandai"), w.rows("SELECT * FROM labeling_lama"))
		w.record(Scene{"lama"}.Put(siti, "2", 20))
		w.ensureViews()
		w.same("the table, later", lines("1 | sebelum tandai"), w.rows("SELECT * FROM labeling_lama"))

		w.Exec(w.tb, "DROP TABLE labeling_lama")
		if notes := w.ensureViews(); len(notes) != 0 {
			w.t.Errorf("notes after the table is gone: %+v", notes)
		}
		w.same("note", "", w.viewOf("lama").ViewNote)
		w.same("rows", "2", w.one("SELECT COUNT(*) FROM labeling_lama"))
	})
	w.sub("a view of that name that is somebody else's is left alone", func(w *world) {
		w.Exec(w.tb, "CREATE VIEW labeling_asing AS SELECT 1 AS satu")
		w.record(Scene{"asing"}.Put(siti, "1", 10))
		if notes := w.ensureViews(); len(notes) != 1 || notes[0].Session != "asing" {
			w.t.Errorf("notes %+v, want one about asing", notes)
		}
		w.same("the view", lines("1"), w.rows("SELECT * FROM labeling_asing"))
	})
	w.sub("our own tables are left alone", func(w *world) {
		w.configure(store.Settings{Sessions: []store.SessionConfig{{Session: "nakal", Client: "a", View: "label_events", Zone: jakarta}, {Session: "nakal2", Client: "a", View: "ACTIVE_LABELS", Zone: jakarta}}})
		w.record(Scene{"nakal"}.Put(siti, "1", 10), Scene{"nakal2"}.Put(siti, "1", 10))
		notes := w.ensureViews()
		if len(notes) < 1 {
			w.t.Errorf("no notes about views named as our tables")
		}
		w.same("the log", "1", w.one("SELECT COUNT(*) FROM label_events WHERE session = 'nakal'"))
		w.same("active", "1", w.one("SELECT COUNT(*) FROM active_labels WHERE session = 'nakal2'"))
		w.verify("nakal", "nakal2")
	})
}
