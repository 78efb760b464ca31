package storetest

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"sync"

	"github.com/google/go-cmp/cmp"

	"tandai/internal/label"
	"tandai/internal/store"
)

// rebuilt is a history that leaves something in every table.
func rebuilt(s Scene) []store.Input {
	return []store.Input{
		From(s.Put(siti, "1", 10), "6281234000001", "sari"), s.Put(budi, "1", 20), s.Take(budi, "1", day), s.Put(budi, "2", 3*day), s.Found(lid+"@lid", "2", 4*day),
		s.Pair(lid+"@lid", sitiP, 5*day), s.Name("1", "Grade A", 1, 5), s.Name("1", "Hot", 1, 2*day), s.Name("2", "🔥", 2, 5), s.Delete("2", 9*day),
		s.Put(siti, "2", 10*day), s.In(lid+"@lid", 1), s.Out(siti, 2),
	}
}

var placeholder = regexp.MustCompile(`\bS\b`)

func testRebuild(w *world) {
	settings := store.Settings{Zone: jakarta}
	w.configure(settings)
	w.record(rebuilt(Scene{"untouched"})...)
	bogus := label.EventID("", "x", "x", "bogus")
	for _, tc := range []struct {
		name   string
		damage []string // SQL; S stands for the session
		table  string   // where at least one difference must be told
	}{
		{"a span lost", []string{"DELETE FROM label_spans WHERE session = S AND label_id = '1' AND ended_at IS NULL"}, "label_spans"},
		{"all spans lost", []string{"DELETE FROM label_spans WHERE session = S"}, "label_spans"},
		{"a span too many", []string{fmt.Sprintf("INSERT INTO label_spans (session, nomor_lead, label_id, started_at, ended_at, start_unknown, ambiguous, chat_id, klien, nomor_cs) "+
			"VALUES (S, '62899', '1', %d, NULL, 0, 0, '62899@c.us', 'sari', '')", Epoch)}, "label_spans"},
		{"a span that ended is active", []string{"UPDATE label_spans SET ended_at = NULL WHERE session = S AND label_id = '1'"}, "label_spans"},
		{"a span of another beginning", []string{"UPDATE label_spans SET started_at = started_at - 1 WHERE session = S AND label_id = '1' AND ended_at IS NULL"}, "label_spans"},
		{"a span of another lead", []string{"UPDATE label_spans SET nomor_lead = '62899' WHERE session = S AND label_id = '1' AND ended_at IS NULL"}, "label_spans"},
		{"a span's marks", []string{"UPDATE label_spans SET ambiguous = 1, start_unknown = 1 WHERE session = S AND label_id = '1'"}, "label_spans"},
		{"a span's client", []string{"UPDATE label_spans SET klien = 'x' WHERE session = S"}, "label_spans"},
		{"a span's number and chat", []string{"UPDATE label_spans SET nomor_cs = '1', chat_id = 'x' WHERE session = S"}, "label_spans"},
		{"a day's running sum", []string{"UPDATE label_daily SET active = active + 1 WHERE session = S"}, "label_daily"},
		{"a day's counts", []string{"UPDATE label_daily SET added = added + 1, removed = removed + 1 WHERE session = S"}, "label_daily"},
		{"all days lost", []string{"DELETE FROM label_daily WHERE session = S"}, "label_daily"},
		{"a day too many", []string{"INSERT INTO label_daily (session, label_id, day, added, found, removed, active) VALUES (S, '77', '2025-01-01', 1, 0, 0, 1)"}, "label_daily"},
		{"a label's version", []string{"UPDATE labels SET name = 'x' WHERE session = S AND label_id = '1' AND valid_to IS NULL"}, "labels"},
		{"a label's versions lost", []string{"DELETE FROM labels WHERE session = S"}, "labels"},
		{"a label too many", []string{"INSERT INTO labels (session, label_id, valid_from, valid_to, name, color) VALUES (S, '77', 0, NULL, 'x', 1)"}, "labels"},
		{"names in the log", []string{"UPDATE label_events SET label_name = 'x' WHERE session = S AND label_id = '1'"}, "label_events"},
		{"a client in the log", []string{"UPDATE label_events SET klien = 'x' WHERE session = S AND label_id = '1'"}, "label_events"},
		{"numbers in the log", []string{"UPDATE label_events SET nomor_cs = '1' WHERE session = S"}, "label_events"},
		{"a lead in the log", []string{"UPDATE label_events SET nomor_lead = '62899' WHERE session = S AND label_id = '1'"}, "label_events"},
		{"a lead in log and spans", []string{"UPDATE label_events SET nomor_lead = '62899' WHERE session = S AND label_id = '1'", "UPDATE label_spans SET nomor_lead = '62899' WHERE session = S AND label_id = '1'"}, "label_events"},
		{"all leads in the log are one", []string{"UPDATE label_events SET nomor_lead = '" + budiP + "' WHERE session = S AND source <> 'label_deleted'"}, "label_events"},
		{"a derived row lost", []string{"DELETE FROM label_events WHERE session = S AND source = 'label_deleted'"}, "label_events"},
		{"a derived row too many", []string{fmt.Sprintf("INSERT INTO label_events (event_id, timestamp_unix, klien, nomor_cs, nomor_lead, label_id, label_name, status, session, chat_id, source, not_before, start_unknown, received_at, said_client, said_cs) "+
			"VALUES ('%s', %d, 'x', '', '%s', '1', 'x', 'delete_label', S, 'x@c.us', 'label_deleted', NULL, 0, 1, '', '')", bogus, Epoch+50, sitiP)}, "label_events"},
		{"a derived row of another time", []string{"UPDATE label_events SET timestamp_unix = timestamp_unix + 1 WHERE session = S AND source = 'label_deleted'"}, "label_events"},
		{"a chat's lead", []string{"UPDATE chats SET nomor_lead = '62899' WHERE session = S"}, "chats"},
		{"the owners", []string{"UPDATE sessions SET client = 'x', nomor_cs = '1' WHERE session = S"}, "sessions"},
		{"the owners lost", []string{"DELETE FROM sessions WHERE session = S"}, "sessions"},
		{"everything at once", []string{"DELETE FROM label_spans WHERE session = S", "DELETE FROM label_daily WHERE session = S", "DELETE FROM labels WHERE session = S", "DELETE FROM sessions WHERE session = S",
			"DELETE FROM label_events WHERE session = S AND source = 'label_deleted'", "UPDATE label_events SET klien = 'x', nomor_cs = 'x', nomor_lead = 'x', label_name = 'x' WHERE session = S", "UPDATE chats SET nomor_lead = 'x' WHERE session = S"}, "label_spans"},
	} {
		w.sub(tc.name, func(w *world) {
			s := Scene{slug("rebuild "+tc.name, 0)}
			in := rebuilt(s)
			w.record(in...)
			w.isAsFolded(settings, in, s.Session)
			whole := Dump(w.tb, w.Harness, s.Session)
			for _, d := range tc.damage {
				w.Exec(w.tb, placeholder.ReplaceAllString(d, "'"+s.Session+"'"))
			}
			damaged := Dump(w.tb, w.Harness, s.Session)
			if cmp.Equal(whole, damaged) {
				w.t.Fatalf("the damage damaged nothing")
			}
			r, err := w.Store.Rebuild(w.ctx(), store.RebuildOptions{DryRun: true, Sessions: []string{s.Session}, Limit: 1000})
			if err != nil {
				w.t.Fatalf("dry run: %v", err)
			}
			if r.Differences == 0 || r.Differences != len(r.First) {
				w.t.Errorf("%d differences, %d told", r.Differences, len(r.First))
			}
			told := false
			for _, d := range r.First {
				told = told || d.Table == tc.table
				if d.Key == "" || d.Have == d.Want {
					w.t.Errorf("an empty difference %+v", d)
				}
			}
			if !told {
				w.t.Errorf("no difference in %s is told: %+v", tc.table, r.First)
			}
			w.same("tables after a dry run", damaged, Dump(w.tb, w.Harness, s.Session))
			w.rebuild(s.Session)
			w.same("tables after a rebuild", whole, Dump(w.tb, w.Harness, s.Session))
			w.verify(s.Session)
		})
	}
	w.sub("the rest is as it was", func(w *world) { w.isAsFolded(settings, rebuilt(Scene{"untouched"}), "untouched") })
	w.sub("an observation lost", func(w *world) {
		s := Scene{"lost"}
		in := rebuilt(s)
		w.record(in...)
		w.Exec(w.tb, "DELETE FROM label_events WHERE event_id = ?", in[1].Event.ID)
		w.rebuild("lost")
		w.isAsFolded(settings, append([]store.Input{in[0]}, in[2:]...), "lost")
		w.record(in...)
		w.isAsFolded(settings, in, "lost")
	})
	w.sub("counts, limit and progress", func(w *world) {
		w.Exec(w.tb, "UPDATE label_spans SET ambiguous = 1 WHERE session = 'untouched'")
		seen := map[string]int{}
		r, err := w.Store.Rebuild(w.ctx(), store.RebuildOptions{Limit: 2, Progress: func(session string, leads int) { seen[session]++ }})
		if err != nil {
			w.t.Fatalf("rebuild: %v", err)
		}
		if r.Differences != 5 || len(r.First) != 2 || seen["untouched"] == 0 || r.Leads == 0 || r.Events == 0 || r.Spans == 0 {
			w.t.Errorf("result %+v, progress of %d sessions; want 5 differences, 2 of them told", r, len(seen))
		}
		w.same("sessions looked at", w.one("SELECT COUNT(DISTINCT session) FROM sessions"), fmt.Sprint(r.Sessions))
		w.verify()
	})
	w.sub("of a session nobody knows", func(w *world) {
		for _, dry := range []bool{true, false} {
			r, err := w.Store.Rebuild(w.ctx(), store.RebuildOptions{DryRun: dry, Sessions: []string{"nobody"}})
			if !errors.Is(err, store.ErrNoSession) || r.Leads != 0 || r.Differences != 0 {
				w.t.Errorf("rebuild (dry run %v): %+v, %v, want it to say that there is none", dry, r, err)
			}
		}
		all, err := w.Store.SessionList(w.ctx())
		if err != nil || slices.ContainsFunc(all, func(s store.SessionInfo) bool { return s.Session == "nobody" }) {
			w.t.Errorf("the session list has a session nobody knows: %+v, %v", all, err)
		}
	})
	w.sub("of more leads than a step takes", func(w *world) {
		s := Scene{"many"}
		var in []store.Input
		for n := range 1100 {
			in = append(in, s.Put(fmt.Sprintf("62857%08d@c.us", n), "1", int64(n)))
		}
		in = append(in, s.Delete("1", 5000), s.Name("1", "Grade A", 1, 1))
		w.record(in[300:1000]...)
		if done := w.record(in...); done.Events != 400 || done.Known != 700 || done.Spans != 1100 {
			w.t.Errorf("recorded %+v, want 400 events new, 700 known, and all spans ended", done)
		}
		w.isAsFolded(settings, in, "many")
		in = append(in, s.Name("1", "Hot", 2, 600))
		if done := w.record(in[len(in)-1]); done.Filled != 500+1100 {
			w.t.Errorf("recorded %+v, want 1600 rows renamed", done)
		}
		w.isAsFolded(settings, in, "many")
		w.Exec(w.tb, "DELETE FROM label_spans WHERE session = 'many' AND nomor_lead LIKE '%7'")
		w.Exec(w.tb, "UPDATE label_events SET nomor_lead = '6285700000001' WHERE session = 'many' AND nomor_lead LIKE '%9'")
		w.rebuild("many")
		w.isAsFolded(settings, in, "many")
	})
}

// testRebuildBesideWriter: rebuilds and dry runs while another goroutine
// records. A dry run must see a consistent state, a rebuild must not lose or
// double what is written beside it.
func testRebuildBesideWriter(w *world) {
	settings := store.Settings{Zone: jakarta}
	w.configure(settings)
	s := Scene{"beside"}
	var in []store.Input
	for n := range 60 {
		chat := fmt.Sprintf("62857%08d@c.us", n%7)
		in = append(in, s.Put(chat, fmt.Sprint(n%3), int64(n)*day/5), s.Take(chat, fmt.Sprint((n+1)%3), int64(n)*day/5+1))
		if n%9 == 0 {
			in = append(in, s.Delete(fmt.Sprint(n%3), int64(n)*day/5+2), s.Name(fmt.Sprint(n%3), fmt.Sprint("Grade ", n), 1, int64(n)*day/5+3),
				s.Pair(fmt.Sprintf("2010%d@lid", n%7), fmt.Sprintf("62857%08d", n%5), int64(n)), s.Put(fmt.Sprintf("2010%d@lid", n%7), "1", int64(n)+4))
		}
	}
	w.record(in[len(in)-1])
	var writer sync.WaitGroup
	stopped := make(chan struct{})
	writer.Go(func() {
		defer close(stopped)
		for n := range in {
			if _, err := recordOn(w.ctx(), w.Store, in[len(in)-1-n:len(in)-n]); err != nil {
				w.t.Errorf("record: %v", err)
				return
			}
		}
	})
	other := w.Reopen(w.tb)
	for n, running := 0, true; running; n++ {
		select {
		case <-stopped:
			running = false
		default:
		}
		dry := n%2 == 0
		r, err := other.Rebuild(w.ctx(), store.RebuildOptions{DryRun: dry, Sessions: []string{s.Session}})
		if err != nil {
			w.t.Errorf("rebuild (dry run %v): %v", dry, err)
			break
		}
		if r.Differences != 0 {
			w.t.Errorf("rebuild %d (dry run %v) beside a writer: %d differences, %+v", n, dry, r.Differences, r.First)
			break
		}
	}
	writer.Wait()
	w.isAsFolded(settings, in, s.Session)
}
