package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"tandai/internal/label"
	"tandai/internal/store"
)

func (w *world) importing() store.Importing {
	w.t.Helper()
	s, ok := w.Store.(store.Importing)
	if !ok {
		w.t.Fatalf("%T cannot import", w.Store)
	}
	return s
}

// imported is an input as a row of an old table.
func imported(in store.Input, occurrence int) store.ImportRow {
	e := in.Event
	id := label.ImportID(e.Session, []label.ImportColumn{{Text: fmt.Sprint(e.At)}, {Text: e.ChatID}, {Text: e.LabelID}, {Text: string(e.Status)}}, occurrence)
	return store.ImportRow{ID: id, At: e.At, Precision: 1, ChatID: e.ChatID, LabelID: e.LabelID, Status: e.Status}
}

func (w *world) imports(session string, rows ...store.ImportRow) store.Imported {
	w.t.Helper()
	run := store.ImportRun{Session: session, Table: "labeling_" + session, StartedAt: Epoch}
	planned, err := w.importing().PlanImport(w.ctx(), store.ImportChunk{Run: run, Rows: rows})
	if err != nil {
		w.t.Fatalf("plan import: %v", err)
	}
	done, err := w.importing().Import(w.ctx(), store.ImportChunk{Run: run, Rows: rows})
	if err != nil {
		w.t.Fatalf("import: %v", err)
	}
	w.same("what was planned, and done", planned, done)
	return done
}

func testImport(w *world) {
	w.sub("a row keeps what it said", func(w *world) {
		s := Scene{"impor"}
		w.record(From(Called(s.Put(siti, "1", 5000), "Grade A", 1), "6281100000001", "toko"))
		row := imported(s.Put(budi, "1", 100), 0)
		row.Client, row.CS, row.LabelName = "merek lama", "6281100000009", "grade a lama"
		bare := imported(s.Take(budi, "1", 200), 0)
		w.same("done", store.Imported{Events: 2}, w.imports("impor", row, bare))
		w.same("rows", lines(
			"100 | merek lama | 6281100000009 | "+budiP+" | grade a lama | add_label | import",
			"200 | impor | 6281100000009 | "+budiP+" | grade a lama | delete_label | import",
		), w.rows("SELECT timestamp_unix - ?, klien, nomor_cs, nomor_lead, label_name, status, source FROM label_events WHERE session = 'impor' AND source = 'import' ORDER BY timestamp_unix", Epoch))
		w.record(s.Name("1", "Grade A+", 1, 9000)) // a later name, and an earlier one, leave it what it was
		w.record(s.Name("1", "Grade A-", 1, 50))
		w.same("the name it said", "grade a lama", w.one("SELECT label_name FROM label_events WHERE session = 'impor' AND said_name <> ''"))
		w.same("again", store.Imported{Known: 2}, w.imports("impor", row, bare))
		w.verify("impor")
		done, err := w.Store.Rebuild(w.ctx(), store.RebuildOptions{Sessions: []string{"impor"}})
		if err != nil || done.Differences != 0 {
			w.t.Errorf("rebuild: %+v, %v", done, err)
		}
	})
	w.sub("seconds match the webhook of that second", func(w *world) {
		s := Scene{"detik"}
		w.record(s.Put(siti, "1", 100), s.Put(siti, "1", 300))
		rows := []store.ImportRow{imported(s.Put(siti, "1", 0), 0), imported(s.Put(siti, "1", 0), 1), imported(s.Put(siti, "1", 0), 2)}
		for i := range rows {
			rows[i].At, rows[i].Precision = Epoch/1000*1000, 1000
		}
		w.same("done", store.Imported{Events: 1, Linked: 2}, w.imports("detik", rows...))
		w.same("again", store.Imported{Known: 3}, w.imports("detik", rows...))
		w.verify("detik")
	})
	w.sub("what does not fit is refused as a whole", func(w *world) {
		row := imported(Scene{"penuh"}.Put(siti, "1", 1), 0)
		row.LabelName = strings.Repeat("x", 256)
		_, err := w.importing().Import(w.ctx(), store.ImportChunk{Run: store.ImportRun{Session: "penuh", Table: "t"}, Rows: []store.ImportRow{row}})
		if err == nil {
			w.t.Errorf("a name of 256 characters was taken")
		}
		w.same("rows", "0", w.one("SELECT COUNT(*) FROM label_events WHERE session = 'penuh'"))
	})
	w.sub("the log at some times", func(w *world) {
		s := Scene{"waktu"}
		w.record(s.Put(siti, "1", 10), s.Put(budi, "1", 10), s.Put(siti, "2", 11), s.Put(siti, "3", 12), Scene{"lain"}.Put(siti, "1", 10))
		at := make([]int64, 2000) // more than one statement takes
		for i := range at {
			at[i] = -1 - int64(i)
		}
		first := s.Put(siti, "1", 10).Event.At
		at[0], at[1999] = first, s.Put(siti, "3", 12).Event.At
		var got []string
		err := w.importing().LogAt(w.ctx(), "waktu", at, func(r store.LogRow) error {
			got = append(got, fmt.Sprint(r.Session, " ", r.At, " ", r.Lead, " ", r.LabelID, " ", len(r.EventID)))
			return nil
		})
		slices.Sort(got)
		if err != nil {
			w.t.Fatalf("log at: %v", err)
		}
		w.same("rows", []string{
			fmt.Sprint("waktu ", first, " ", sitiP, " 1 64"), fmt.Sprint("waktu ", first, " ", budiP, " 1 64"), fmt.Sprint("waktu ", at[1999], " ", sitiP, " 3 64"),
		}, got)
	})
	w.sub("problems stay until they are gone", func(w *world) {
		problem := func(n int) store.ImportProblem {
			id := label.ImportID("soal", []label.ImportColumn{{Null: true}}, n)
			return store.ImportProblem{ID: id, Row: fmt.Sprintf(`{"n":%d}`, n), Reason: "timestamp_unix is NULL", FoundAt: Epoch + int64(n)}
		}
		run := store.ImportRun{Session: "soal", Table: "labeling_soal", StartedAt: Epoch}
		for turn, problems := range [][]store.ImportProblem{{problem(1), problem(2)}, {problem(2)}} {
			run.StartedAt = Epoch + int64(turn)
			if _, err := w.importing().Import(w.ctx(), store.ImportChunk{Run: run, Problems: problems}); err != nil {
				w.t.Fatalf("import: %v", err)
			}
			if have, found, err := w.importing().ImportState(w.ctx(), "soal", "labeling_soal"); err != nil || !found || have.FinishedAt != 0 || have.Read != int64(len(problems)) {
				w.t.Errorf("half-way: %+v, %v, %v", have, found, err)
			}
			if err := w.importing().FinishImport(w.ctx(), run); err != nil {
				w.t.Fatalf("finish: %v", err)
			}
			have, err := w.importing().ImportProblems(w.ctx(), "soal", "labeling_soal", 0)
			if err != nil {
				w.t.Fatalf("problems: %v", err)
			}
			w.same("problems", problems, have)
		}
	})
}

// testImportMeetsWebhooks: of one event that the table and webhooks tell of, the log
// has as many rows as the one that tells of more, whichever comes first, however it
// is cut into batches, and whenever it is known that the person is the same.
func testImportMeetsWebhooks(w *world) {
	for seed := range 14 {
		session := slug("bertemu", seed)
		rng := rand.New(rand.NewPCG(uint64(seed), 99))
		s := Scene{session}
		type kind struct {
			hidden bool // of siti: by hidden id
			label  string
			at     int64
			take   bool
		}
		build := func(k kind, n int) store.Input {
			chat := siti
			if k.hidden {
				chat = (lid + "@lid")
			}
			in := s.Put(chat, k.label, k.at)
			if k.take {
				in = s.Take(chat, k.label, k.at)
			}
			e := *in.Event
			e.ID = label.EventID("", session, "n", fmt.Sprint(k, n))
			in.Event = &e
			return in
		}
		type count struct{ webhooks, rows int }
		want := map[string]*count{}
		var steps []func()
		for range 12 {
			k := kind{rng.IntN(2) == 0, fmt.Sprint(rng.IntN(2)), int64(rng.IntN(6)), rng.IntN(3) == 0}
			key := fmt.Sprintf("%s %d %t", k.label, k.at, k.take)
			if want[key] == nil {
				want[key] = &count{}
			}
			n := len(steps)
			if rng.IntN(2) == 0 {
				want[key].webhooks++
				in := build(k, n)
				steps = append(steps, func() { w.record(in) })
			} else {
				want[key].rows++
				row := imported(build(k, n), n)
				steps = append(steps, func() { w.imports(session, row) })
			}
		}
		steps = append(steps, func() { w.record(s.Pair((lid + "@lid"), sitiP, 3)) })
		steps = append(steps, steps[rng.IntN(len(steps))], steps[rng.IntN(len(steps))]) // some of it twice
		rng.Shuffle(len(steps), func(i, j int) { steps[i], steps[j] = steps[j], steps[i] })
		for _, step := range steps {
			step()
		}
		links, webhooks, rows := 0, 0, 0
		for _, c := range want {
			links += min(c.webhooks, c.rows)
			webhooks += c.webhooks
			rows += max(0, c.rows-c.webhooks)
		}
		w.same(fmt.Sprintf("seed %d: links, rows of webhooks, rows of imports", seed), lines(fmt.Sprintf("%d | %d | %d", links, webhooks, rows)),
			w.rows(`SELECT (SELECT COUNT(*) FROM import_links WHERE session = ?), (SELECT COUNT(*) FROM label_events WHERE session = ? AND source = 'webhook'),
				(SELECT COUNT(*) FROM label_events WHERE session = ? AND source = 'import')`, session, session, session))
		var per []string
		for key, c := range want {
			per = append(per, fmt.Sprintf("%s %d", key, max(c.webhooks, c.rows)))
		}
		var got []string
		for _, r := range w.Query(w.tb, "SELECT label_id, timestamp_unix, status, COUNT(*) FROM label_events WHERE session = ? GROUP BY label_id, timestamp_unix, status", session) {
			got = append(got, fmt.Sprintf("%s %s %t %s", r[0], since(r[1]), r[2] == "delete_label", r[3]))
		}
		slices.Sort(per)
		slices.Sort(got)
		w.same(fmt.Sprintf("seed %d: rows by event", seed), per, got)
		w.verify(session)
	}
}
