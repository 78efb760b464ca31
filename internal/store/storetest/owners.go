package storetest

import (
	"fmt"

	"tandai/internal/label"
	"tandai/internal/store"
)

// testNumbers: the session's own number is learned before, between and after
// events that do not say it.
func testNumbers(w *world) {
	settings := store.Settings{Zone: jakarta}
	w.configure(settings)
	const first, second = "6281234000001", "6281234000002"
	for n, order := range orders([]store.Input{
		Scene{}.Put(siti, "1", 10), From(Scene{}.Put(budi, "1", 20), first, ""), Scene{}.Number(second, 30), Scene{}.Put(siti, "2", 40), Scene{}.Delete("1", 50),
	}, 18) {
		session := slug("numbers", n)
		order = inSession(session, order)
		w.recordEach(order...)
		w.same("log", lines("10 | "+first, "20 | "+first, "40 | "+second, "50 | "+first, "50 | "+first),
			w.rows("SELECT timestamp_unix - ?, nomor_cs FROM label_events WHERE session = ? ORDER BY timestamp_unix", Epoch, session))
		w.same("active", lines("2 | "+second), w.rows("SELECT label_id, nomor_cs FROM active_labels WHERE session = ?", session))
		w.same("sessions", lines(fmt.Sprintf("0 | %d | %s", Epoch+30, first), fmt.Sprintf("%d | NULL | %s", Epoch+30, second)),
			w.rows("SELECT valid_from, valid_to, nomor_cs FROM sessions WHERE session = ? ORDER BY valid_from", session))
		if n == 0 {
			w.isAsFolded(settings, order, session)
		}
	}
	w.sub("what an envelope said itself stays", func(w *world) {
		s := Scene{"said"}
		in := []store.Input{From(s.Put(siti, "1", 10), first, ""), s.Number(second, 5), s.Number(second, 50), s.Put(budi, "1", 20)}
		w.recordEach(in...)
		w.same("log", lines("10 | "+first, "20 | "+first), w.rows("SELECT timestamp_unix - ?, nomor_cs FROM label_events WHERE session = 'said' ORDER BY timestamp_unix", Epoch))
		w.isAsFolded(settings, in, "said")
	})
	w.sub("until known, nothing", func(w *world) {
		s := Scene{"numberless"}
		w.record(s.Put(siti, "1", 10))
		w.same("log", lines(""), w.rows("SELECT nomor_cs FROM label_events WHERE session = 'numberless'"))
		if done := w.record(s.Number(first, 50)); done.Filled != 1 {
			w.t.Errorf("recorded %+v, want one row filled", done)
		}
		w.same("log", lines(first), w.rows("SELECT nomor_cs FROM label_events WHERE session = 'numberless'"))
		w.same("spans", lines(first), w.rows("SELECT nomor_cs FROM label_spans WHERE session = 'numberless'"))
	})
	w.verify()
}

func testClients(w *world) {
	klien := func(w *world, session string) []string {
		return w.rows("SELECT label_id, klien FROM label_events WHERE session = ? ORDER BY timestamp_unix, status", session)
	}
	s := Scene{"hansarang_cs1"}
	imported := s.Put(siti, "3", 30)
	imported.Event.Source, imported.Event.SaidClient = label.FromImport, "nama lama"
	in := []store.Input{s.Put(siti, "1", 10), From(s.Put(siti, "2", 20), "", "dari metadata"), imported, s.Delete("1", 40)}
	plain := store.Settings{Zone: jakarta}
	configured := store.Settings{Zone: jakarta, Sessions: []store.SessionConfig{{Session: "hansarang_cs1", Client: "hansarang", CS: "CS 1", Zone: jakarta}}}
	renamed := store.Settings{Zone: jakarta, Sessions: []store.SessionConfig{{Session: "hansarang_cs1", Client: "Hansarang Beauty 💄", CS: "CS 1", Zone: jakarta}}}
	w.configure(plain)

	w.record(in...)
	w.same("not configured", lines("1 | hansarang_cs1", "2 | dari metadata", "3 | nama lama", "1 | hansarang_cs1"), klien(w, s.Session))
	w.isAsFolded(plain, in, s.Session)
	for _, step := range []struct {
		name     string
		settings store.Settings
		log      []string
		active   []string
		owner    string
	}{
		{"configured: the configuration comes first", configured, lines("1 | hansarang", "2 | hansarang", "3 | nama lama", "1 | hansarang"), lines("2 | hansarang", "3 | nama lama"), "hansarang"},
		{"renamed", renamed, lines("1 | Hansarang Beauty 💄", "2 | Hansarang Beauty 💄", "3 | nama lama", "1 | Hansarang Beauty 💄"),
			lines("2 | Hansarang Beauty 💄", "3 | nama lama"), "Hansarang Beauty 💄"},
		{"taken out of the configuration", plain, lines("1 | hansarang_cs1", "2 | dari metadata", "3 | nama lama", "1 | hansarang_cs1"), lines("2 | dari metadata", "3 | nama lama"), "dari metadata"},
		{"and back", configured, lines("1 | hansarang", "2 | hansarang", "3 | nama lama", "1 | hansarang"), lines("2 | hansarang", "3 | nama lama"), "hansarang"},
	} {
		w.sub(step.name, func(w *world) {
			w.configure(step.settings)
			w.same("log", step.log, klien(w, s.Session))
			w.same("active", step.active, w.rows("SELECT label_id, klien FROM active_labels WHERE session = ? ORDER BY label_id", s.Session))
			w.same("owner", lines(step.owner), w.rows("SELECT client FROM sessions WHERE session = ?", s.Session))
			w.isAsFolded(step.settings, in, s.Session)
		})
	}
	w.same("refilling is not a replay", lines(), w.rows("SELECT * FROM label_event_changes"))

	w.sub("a start without the file leaves it as it was", func(w *world) {
		w.configure(store.Settings{Zone: jakarta, Keep: true})
		w.same("klien", lines("1 | hansarang", "2 | hansarang", "3 | nama lama", "1 | hansarang"), klien(w, s.Session))
		w.isAsFolded(configured, in, s.Session)
	})
	w.sub("another server reads the same configuration", func(w *world) {
		must(w, w.Reopen(w.tb), s.Put(budi, "9", 50))
		w.same("klien", lines("hansarang"), w.rows("SELECT klien FROM label_events WHERE label_id = '9'"))
	})
	w.sub("configured before it is first seen", func(w *world) {
		settings := store.Settings{Zone: jakarta, Sessions: append(configured.Sessions, store.SessionConfig{Session: "early", Client: "sari", Zone: jakarta})}
		w.configure(settings)
		s := Scene{"early"}
		in := []store.Input{From(s.Put(siti, "1", 10), "6281234000001", "dari metadata")}
		w.record(in...)
		w.same("klien", lines("1 | sari"), klien(w, "early"))
		w.isAsFolded(settings, in, "early")
	})
	w.sub("the client of the metadata, from when to when", func(w *world) {
		s := Scene{"rebranded"}
		in := []store.Input{s.Put(siti, "1", 5), From(s.Put(siti, "2", 10), "", "sari"), From(s.Put(siti, "3", 20), "", "melati")}
		for _, i := range []int{2, 0, 1} {
			w.record(in[i])
		}
		w.same("sessions", lines(fmt.Sprintf("0 | %d | sari", Epoch+20), fmt.Sprintf("%d | NULL | melati", Epoch+20)),
			w.rows("SELECT valid_from, valid_to, client FROM sessions WHERE session = 'rebranded' ORDER BY valid_from"))
		w.same("log", lines("1 | rebranded", "2 | sari", "3 | melati"), klien(w, "rebranded"))
		w.isAsFolded(store.Settings{Zone: jakarta}, in, "rebranded")
	})
	w.verify()
}

func testZones(w *world) {
	zoned := func(zone string) store.Settings {
		return store.Settings{Zone: jakarta, Sessions: []store.SessionConfig{{Session: "zoned", Client: "sari", Zone: zone}}}
	}
	s := Scene{"zoned"}
	// The epoch is 14:22:25 UTC on the 29th: 03:07 on the 30th in Chatham.
	in := []store.Input{s.Put(siti, "1", 0), s.Put(budi, "1", 5*60*60*1000), s.Take(siti, "1", day), s.Found(budi, "2", 3*day), s.Delete("1", 9*day)}
	w.configure(zoned("Pacific/Chatham"))
	w.record(in...)
	daily := "SELECT label_id, day, added, found, removed, active FROM label_daily WHERE session = 'zoned' ORDER BY label_id, day"
	for _, step := range []struct {
		zone string
		want []string
	}{
		{"Pacific/Chatham", lines("1 | 2025-07-30 | 2 | 0 | 0 | 2", "1 | 2025-07-31 | 0 | 0 | 1 | 1", "1 | 2025-08-08 | 0 | 0 | 1 | 0", "2 | 2025-08-02 | 0 | 1 | 0 | 1")},
		{"UTC", lines("1 | 2025-07-29 | 2 | 0 | 0 | 2", "1 | 2025-07-30 | 0 | 0 | 1 | 1", "1 | 2025-08-07 | 0 | 0 | 1 | 0", "2 | 2025-08-01 | 0 | 1 | 0 | 1")},
		{jakarta, lines("1 | 2025-07-29 | 1 | 0 | 0 | 1", "1 | 2025-07-30 | 1 | 0 | 1 | 1", "1 | 2025-08-07 | 0 | 0 | 1 | 0", "2 | 2025-08-01 | 0 | 1 | 0 | 1")},
	} {
		w.sub(step.zone, func(w *world) {
			w.configure(zoned(step.zone))
			w.same("days", step.want, w.rows(daily))
			w.isAsFolded(zoned(step.zone), in, "zoned")
		})
	}
	w.sub("the zone of sessions that are not configured", func(w *world) {
		s := Scene{"unconfigured"}
		in := []store.Input{s.Put(siti, "1", 0), s.Put(budi, "1", 5*60*60*1000)}
		w.record(in...)
		w.isAsFolded(zoned(jakarta), in, "unconfigured")
		settings := store.Settings{Zone: "America/St_Johns"}
		w.configure(settings)
		w.isAsFolded(settings, in, "unconfigured")
	})
	w.verify()
}
