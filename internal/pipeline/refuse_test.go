package pipeline

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"tandai/internal/inbox"
	"tandai/internal/store"
)

// marks are n labels put on n people.
func marks(n int) [][]byte {
	var all [][]byte
	for i := range n {
		all = append(all, mark("toko", fmt.Sprintf("62812999000%02d@c.us", i), fmt.Sprint(i), true, int64(i)))
	}
	return all
}

// TestRefused: what the store refuses for its own sake is found among the others
// and quarantined with the reason; the others are recorded.
func TestRefused(t *testing.T) {
	for name, bad := range map[string][]int{
		"one": {5}, "the first": {0}, "the last": {19}, "several": {3, 4, 11, 18}, "all but one": {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16, 17, 18, 19},
		"all, by a check of ours": nil, "none": {},
	} {
		for _, batch := range []int{20, 7} {
			t.Run(fmt.Sprintf("%s, batches of %d", name, batch), func(t *testing.T) {
				w := newWorld(t, onSQLite)
				w.cfg.Batch = batch
				code := "1406"
				if bad == nil {
					code = ""
					for i := range 20 {
						bad = append(bad, i)
					}
				}
				isBad := map[string]bool{}
				for _, i := range bad {
					isBad[fmt.Sprint(i)] = true
				}
				w.store.onRecord = func(_ int, in []store.Input) fault {
					for _, i := range in {
						if i.Event != nil && isBad[i.Event.LabelID] {
							return fault{before: refusedBy(code)}
						}
					}
					return fault{}
				}
				w.receive(marks(20)...)
				w.run()
				var want []string
				for i := range 20 {
					switch {
					case !isBad[fmt.Sprint(i)]:
						want = append(want, "done")
					case code == "":
						want = append(want, "quarantined: the database refuses it: record: refused by the database: violates a rule")
					default:
						want = append(want, "quarantined: the database refuses it: record: refused by the database (1406): violates a rule")
					}
				}
				w.same("outcomes", want, w.outcomes())
				w.same("recorded", []string{fmt.Sprint(20 - len(isBad))}, w.rows("SELECT COUNT(*) FROM label_events"))
				if got := w.metric("tandai_pipeline_deliveries_total", "outcome=quarantined"); got != float64(len(isBad)) {
					t.Errorf("%v counted as quarantined, want %d", got, len(isBad))
				}
				if n := strings.Count(w.log.String(), "the database refuses it"); n != len(isBad) {
					t.Errorf("%d quarantines in the log, want %d", n, len(isBad))
				}
				if d := w.cfg; d.Batch == 20 && len(isBad) == 1 && w.store.calls() > 12 {
					t.Errorf("%d calls to find one in twenty", w.store.calls())
				}
				w.clean()
			})
		}
	}
}

// TestRefusedBySuspicion: a database that refuses everything is more likely
// broken than right, for a while.
func TestRefusedBySuspicion(t *testing.T) {
	everything := func(code string) func(int, []store.Input) fault {
		return func(int, []store.Input) fault { return fault{before: refusedBy(code)} }
	}
	t.Run("it comes to its senses", func(t *testing.T) {
		w := newWorld(t, onSQLite)
		w.cfg.Batch = 50
		w.store.onRecord = func(n int, in []store.Input) fault {
			if n <= 3*(2*suspicious-1) { // three times all halves
				return fault{before: refusedBy("1364")}
			}
			return fault{}
		}
		w.receive(marks(suspicious)...)
		w.run()
		w.same("outcomes", repeat("done", suspicious), w.outcomes())
		if got := w.metric("tandai_pipeline_retries_total"); got != 3 {
			t.Errorf("%v retries, want 3", got)
		}
	})
	t.Run("it looks away meanwhile", func(t *testing.T) {
		w := newWorld(t, onSQLite)
		w.store.onRecord = everything("1364")
		w.cfg.Wait, w.cfg.MaxWait = 1<<40, 1<<40 // for ever
		w.cfg.Batch = 50
		w.receive(marks(suspicious)...)
		p := w.start()
		w.until("the database looks away", func() bool { return !p.Database().Up })
		if err := p.Database().Err; !errors.Is(err, store.ErrRefused) {
			t.Errorf("because of %v, want the refusal", err)
		}
		if s := w.stats(); s.Waiting != suspicious || s.Quarantined != 0 {
			t.Errorf("%+v, want all to wait", s)
		}
	})
	for _, tc := range []struct {
		name    string
		n       int
		code    string
		retries float64
	}{
		{"it never does", suspicious, "1364", patience - 1},
		{"fewer than are suspicious", suspicious - 1, "1364", 0},
		{"by checks of ours, which are right", suspicious, "", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, onSQLite)
			w.cfg.Batch = 50
			w.store.onRecord = everything(tc.code)
			w.receive(marks(tc.n)...)
			w.run()
			for _, o := range w.outcomes() {
				if !strings.HasPrefix(o, "quarantined: the database refuses it: ") {
					t.Errorf("ends as %s", o)
				}
			}
			if got := w.metric("tandai_pipeline_retries_total"); got != tc.retries {
				t.Errorf("%v retries, want %v", got, tc.retries)
			}
			// The next batch shows that the database is there.
			w.store.set(func(s *faultyStore) { s.onRecord = nil })
			w.receive(mark("toko", "6281299900099@c.us", "1", true, 99))
			w.run()
			if got := w.outcomes()[tc.n]; got != "done" {
				t.Errorf("the next ends as %s", got)
			}
		})
	}
}

func repeat(s string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = s
	}
	return all
}

// TestRefusedForReal: the databases' own ways to refuse a row.
func TestRefusedForReal(t *testing.T) {
	for _, tc := range []struct {
		on          engine
		rule, lift  string
		code, trait string
	}{
		{onSQLite, `CREATE TRIGGER devil BEFORE INSERT ON label_events WHEN NEW.label_id = '666' BEGIN SELECT RAISE(ABORT, 'not that one'); END`,
			`DROP TRIGGER devil`, "SQLite 1811", "not that one"},
		{onMariaDB, `ALTER TABLE label_events ADD CONSTRAINT devil CHECK (label_id <> '666')`,
			`ALTER TABLE label_events DROP CONSTRAINT devil`, "4025", "CONSTRAINT `devil` failed"},
	} {
		t.Run(tc.on.name, func(t *testing.T) {
			w := newWorld(t, tc.on)
			w.cfg.Batch = 50
			w.db.Exec(t, tc.rule)
			all := marks(20)
			devil := mark("toko", "6281299900066@c.us", "666", true, 50)
			all = append(all[:13:13], append([][]byte{devil}, all[13:]...)...)
			w.receive(all...)
			w.run()
			for i, d := range w.bodies() {
				switch {
				case i != 13 && d.State != inbox.Done:
					t.Errorf("body %d is %v: %s", i, d.State, d.Reason)
				case i == 13 && (d.State != inbox.Quarantined || !strings.HasPrefix(d.Reason, "the database refuses it: ") || !strings.Contains(d.Reason, tc.code) || !strings.Contains(d.Reason, tc.trait)):
					t.Errorf("the refused one is %v: %s", d.State, d.Reason)
				}
			}
			w.same("recorded", []string{"20"}, w.rows("SELECT COUNT(*) FROM label_events"))
			w.clean()

			// Once the rule is gone, a replay of what is quarantined brings it in.
			w.db.Exec(t, tc.lift)
			done, err := w.pipeline().Replay(t.Context(), inbox.Filter{States: []inbox.State{inbox.Quarantined}}, nil)
			if err != nil {
				t.Fatal(err)
			}
			w.same("replayed", Replayed{Bodies: 1, Recorded: 1, Skipped: map[string]int{}}, done)
			w.same("outcomes", repeat("done", 21), w.outcomes())
			w.same("recorded", []string{"21"}, w.rows("SELECT COUNT(*) FROM label_events"))
			w.clean()
		})
	}
}
