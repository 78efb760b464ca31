package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"tandai/internal/label"
	"tandai/internal/store"
)

func testMissing(w *world) {
	w.configure(store.Settings{})
	s := Scene{"missing"}
	in := []store.Input{s.Put(siti, "1", 10), s.Put(budi, "1", 20), s.Name("1", "Grade A", 1, 5), s.Delete("1", 30)}
	w.record(in...)
	known := []string{in[0].Event.ID, in[1].Event.ID, in[2].Change.ID, in[3].Change.ID}
	ask := func(ids ...string) []string {
		w.t.Helper()
		missing, err := w.Store.Missing(w.ctx(), ids)
		if err != nil {
			w.t.Fatalf("missing: %v", err)
		}
		return missing
	}
	never := label.EventID("", "missing", "never", "1")
	w.same("all are there", lines(), ask(known...))
	w.same("nothing asked", lines(), ask())
	w.same("one was never recorded", []string{never}, ask(append([]string{never}, known...)...))
	var many []string
	for n := range 2500 {
		many = append(many, label.EventID("", "missing", "never", fmt.Sprint(n)))
	}
	got := ask(append(slices.Clone(many), known...)...)
	slices.Sort(got)
	slices.Sort(many)
	w.same("thousands asked at once", many, got)

	// A store that lost its last second: rows are gone behind our back.
	w.Exec(w.tb, "DELETE FROM label_events WHERE event_id = ?", known[1])
	w.Exec(w.tb, "DELETE FROM label_changes WHERE event_id = ?", known[3])
	got = ask(known...)
	slices.Sort(got)
	lost := []string{known[1], known[3]}
	slices.Sort(lost)
	w.same("lost", lost, got)
	w.record(in...)
	w.same("recorded again", lines(), ask(known...))
	w.rebuild()
	w.isAsFolded(store.Settings{Zone: jakarta}, in, "missing")
}

func testExport(w *world) {
	w.configure(store.Settings{})
	one, two := Scene{"satu"}, Scene{"dua"}
	in := []store.Input{one.Put(siti, "1", 30), one.Put(budi, "1", 10), two.Put(siti, "1", 20), one.Delete("1", 40), one.Found(siti, "2", 35)}
	for n := range 20 {
		in = append(in, two.Put(siti, fmt.Sprint(100+n), 25)) // one millisecond: the id decides
	}
	w.record(in...)
	export := func(f store.ExportFilter) []store.LogRow {
		w.t.Helper()
		var all []store.LogRow
		if err := w.Store.Export(w.ctx(), f, func(r store.LogRow) error { all = append(all, r); return nil }); err != nil {
			w.t.Fatalf("export: %v", err)
		}
		return all
	}
	all := export(store.ExportFilter{})
	w.same("rows", w.one("SELECT COUNT(*) FROM label_events"), fmt.Sprint(len(all)))
	if !slices.IsSortedFunc(all, func(a, b store.LogRow) int {
		if a.At != b.At {
			return int(a.At - b.At)
		}
		return strings.Compare(a.EventID, b.EventID)
	}) {
		w.t.Errorf("not in the order of timestamp and event id")
	}
	notBefore := Epoch + 35 - 1000
	i := slices.IndexFunc(all, func(r store.LogRow) bool { return r.LabelID == "2" })
	w.same("a row", store.LogRow{EventID: in[4].Event.ID, At: Epoch + 35, Client: "satu", Lead: sitiP, LabelID: "2", Status: "add_label", Session: "satu",
		ChatID: siti, Source: "snapshot", NotBefore: &notBefore, StartUnknown: true, ReceivedAt: Epoch + 42}, all[i])
	times := func(rows []store.LogRow) []string {
		var out []string
		for _, r := range rows {
			out = append(out, fmt.Sprint(r.At-Epoch, " ", r.Session))
		}
		return out
	}
	w.same("of a session", lines("10 satu", "30 satu", "35 satu", "40 satu", "40 satu"), times(export(store.ExportFilter{Session: "satu"})))
	w.same("of a session nobody knows", lines(), times(export(store.ExportFilter{Session: "tiga"})))
	w.same("since is included, until is not", lines("10 satu", "20 dua"), times(export(store.ExportFilter{Since: Epoch + 10, Until: Epoch + 25})))
	w.same("since", lines("35 satu", "40 satu", "40 satu"), times(export(store.ExportFilter{Since: Epoch + 35})))
	w.same("until, of a session", lines("10 satu"), times(export(store.ExportFilter{Session: "satu", Until: Epoch + 30})))
	w.sub("thousands of rows in one millisecond", func(w *world) {
		// Behind the store's back: what is tried is how they are read.
		want := map[string]bool{}
		for range 51 {
			var values []string
			for range 100 {
				id := label.EventID("", "ramai", "crowd", fmt.Sprint(len(want)))
				want[id] = true
				values = append(values, fmt.Sprintf("('%s', %d, 'k', '', '62811', '1', '', 'add_label', 'ramai', '62811@c.us', 'webhook', NULL, 0, 1, '', '')", id, Epoch+100))
			}
			w.Exec(w.tb, "INSERT INTO label_events (event_id, timestamp_unix, klien, nomor_cs, nomor_lead, label_id, label_name, status, session, chat_id, source, "+
				"not_before, start_unknown, received_at, said_client, said_cs) VALUES "+strings.Join(values, ", "))
		}
		rows := export(store.ExportFilter{Session: "ramai"})
		for n, r := range rows {
			if n > 0 && rows[n-1].EventID >= r.EventID {
				w.t.Fatalf("row %d is not after the one before it", n)
			}
			delete(want, r.EventID)
		}
		if len(rows) != 5100 || len(want) != 0 {
			w.t.Errorf("%d rows, %d missing", len(rows), len(want))
		}
	})
	stop, n := errors.New("stop"), 0
	err := w.Store.Export(w.ctx(), store.ExportFilter{}, func(store.LogRow) error {
		if n++; n == 3 {
			return stop
		}
		return nil
	})
	if !errors.Is(err, stop) || n != 3 {
		w.t.Errorf("stopped at row %d with %v", n, err)
	}
}

func testPages(w *world) {
	w.configure(store.Settings{Sessions: []store.SessionConfig{{Session: "hansarang_cs1", Client: "hansarang", CS: "CS 1", Zone: "Asia/Makassar"}}})
	one, two := Scene{"hansarang_cs1"}, Scene{"sari_cs1"}
	w.record(
		one.Name("1", "Grade A", 1, 1), two.Name("1", "Grade A", 1, 1), two.Name("2", "Grade B", 1, 1),
		one.Put(siti, "1", 10), one.Put(budi, "1", 20), two.Put(siti, "1", 30), From(two.Put(budi, "2", 40), "6281234000002", ""), two.Take(budi, "2", 50),
		one.Status("STARTING", 5), one.Status("WORKING", 60), one.Status("FAILED", 55),
	)
	w.record(one.Status("SCAN_QR_CODE", 20)) // late
	w.ensureViews()

	totals, err := w.Store.Totals(w.ctx())
	if err != nil {
		w.t.Fatalf("totals: %v", err)
	}
	w.same("totals", store.Totals{Events: 5, Spans: 4, Active: 3}, totals)

	active, err := w.Store.Active(w.ctx())
	if err != nil {
		w.t.Fatalf("active: %v", err)
	}
	w.same("active", []store.ActiveCount{{Client: "hansarang", LabelName: "Grade A", Leads: 2}, {Client: "sari_cs1", LabelName: "Grade A", Leads: 1}}, active)

	recent, err := w.Store.Recent(w.ctx(), 3)
	if err != nil {
		w.t.Fatalf("recent: %v", err)
	}
	var newest []string
	for _, r := range recent {
		newest = append(newest, fmt.Sprint(r.At-Epoch, " ", r.Lead, " ", r.LabelName, " ", r.Status))
	}
	w.same("recent, the newest first", lines("50 "+budiP+" Grade B delete_label", "40 "+budiP+" Grade B add_label", "30 "+sitiP+" Grade A add_label"), newest)
	if all, err := w.Store.Recent(w.ctx(), 1000); err != nil || len(all) != 5 {
		w.t.Errorf("recent 1000: %d rows, %v", len(all), err)
	}

	sessions, err := w.Store.SessionList(w.ctx())
	if err != nil {
		w.t.Fatalf("session list: %v", err)
	}
	w.same("sessions", []store.SessionInfo{
		{Session: "hansarang_cs1", Client: "hansarang", CSName: "CS 1", Zone: "Asia/Makassar", View: "labeling_hansarang_cs1", Status: "WORKING", StatusAt: Epoch + 60},
		{Session: "sari_cs1", Client: "sari_cs1", Number: "6281234000002", Zone: jakarta, View: "labeling_sari_cs1"},
	}, sessions)

	w.sub("one person with the label in two sessions of a client is one lead", func(w *world) {
		w.configure(store.Settings{Sessions: []store.SessionConfig{
			{Session: "hansarang_cs1", Client: "hansarang", CS: "CS 1", Zone: jakarta}, {Session: "sari_cs1", Client: "hansarang", Zone: jakarta}}})
		active, err := w.Store.Active(w.ctx())
		if err != nil {
			w.t.Fatalf("active: %v", err)
		}
		w.same("active", []store.ActiveCount{{Client: "hansarang", LabelName: "Grade A", Leads: 2}}, active)
	})
}
