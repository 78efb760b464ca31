package pipeline

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"tandai/internal/inbox"
	"tandai/internal/store"
)

// lossy are the tables a database loses its last second of.
var lossy = []string{"label_events", "label_event_changes", "label_spans", "label_changes", "label_sightings", "labels", "label_daily",
	"identities", "chats", "session_sightings", "sessions", "session_registry"}

// remember keeps what the database holds now.
func (w *world) remember() {
	w.t.Helper()
	for _, table := range lossy {
		w.db.Exec(w.t, "CREATE TABLE was_"+table+" AS SELECT * FROM "+table)
	}
}

// forget makes the database what it was when it was told to remember, as if the
// transactions since had never been: a crash that took what was not yet synced.
func (w *world) forget() {
	w.t.Helper()
	for _, r := range w.db.Query(w.t, "SELECT view_name FROM session_registry WHERE view_name <> '' AND session NOT IN (SELECT session FROM was_session_registry)") {
		w.db.Exec(w.t, "DROP VIEW "+r[0])
	}
	for _, table := range lossy {
		w.db.Exec(w.t, "DELETE FROM "+table)
		w.db.Exec(w.t, "INSERT INTO "+table+" SELECT * FROM was_"+table)
	}
}

// healed waits until the pipeline says that it found something lost.
func (w *world) healed(times int) {
	w.t.Helper()
	w.until("the loss is healed", func() bool {
		return strings.Count(w.log.String(), "database had lost events") == times && len(w.rows("SELECT session FROM session_registry WHERE view_name = ''")) == 0
	})
}

func TestHeal(t *testing.T) {
	for _, on := range engines {
		t.Run(on.name, func(t *testing.T) {
			want := runUndisturbed(t, on, 5)
			all := history(t)
			for _, kept := range []int{0, len(all) / 3, len(all) - 14} {
				if on.name == onMariaDB.name && kept == 0 {
					continue // a database costs a second there
				}
				t.Run(fmt.Sprintf("%d of %d kept", kept, len(all)), func(t *testing.T) {
					w := newWorld(t, on)
					w.cfg.Batch = 5
					w.receive(all[:kept]...)
					w.run()
					w.remember()
					w.receive(all[kept:]...)
					w.run()
					w.exactlyOnce(want)

					before := len(w.rows("SELECT event_id FROM label_events WHERE source = 'webhook'")) + len(w.rows("SELECT event_id FROM label_changes"))
					w.forget()
					lost := before - len(w.rows("SELECT event_id FROM label_events WHERE source = 'webhook'")) - len(w.rows("SELECT event_id FROM label_changes"))
					if lost == 0 {
						t.Fatal("nothing is lost")
					}
					w.clock.move(5 * 24 * time.Hour) // it was down for days
					p := w.start()
					w.healed(1)
					if got := w.metric("tandai_pipeline_healed_total"); got != float64(lost) {
						t.Errorf("tandai_pipeline_healed_total %v, want %d", got, lost)
					}
					p.stop()
					w.exactlyOnce(want)
					if !strings.Contains(w.log.String(), fmt.Sprintf("lost=%d", lost)) {
						t.Errorf("the log does not say how many were lost:\n%s", w.log)
					}

					// And once more at once: what was recorded again is looked at too.
					w.forget()
					w.clock.move(5 * 24 * time.Hour)
					p = w.start()
					w.healed(2)
					p.stop()
					w.exactlyOnce(want)
				})
			}
			t.Run("nothing was lost", func(t *testing.T) {
				w := newWorld(t, on)
				w.receive(all...)
				w.run()
				left := strings.Count(strings.Join(w.outcomes(), "\n"), "done")
				for range 3 {
					w.clock.move(5 * 24 * time.Hour)
					p := w.pipeline()
					checked, again, err := p.Heal(t.Context())
					if err != nil || again != 0 || checked > left || checked == 0 {
						t.Errorf("Heal = checked %d, again %d, %v", checked, again, err)
					}
					for _, outcome := range []string{"recorded", "skipped", "quarantined"} {
						if got := w.metric("tandai_pipeline_deliveries_total", "outcome="+outcome); got != 0 {
							t.Errorf("%v counted as %s, though nothing left the inbox", got, outcome)
						}
					}
				}
				w.exactlyOnce(want)
			})
		})
	}
}

// TestHealTwice: what was recorded again may be lost again, after newer things
// have been recorded.
func TestHealTwice(t *testing.T) {
	w := newWorld(t, onSQLite)
	w.cfg.Batch = 5
	w.remember()
	w.receiveHistory()
	w.run()
	w.forget()
	w.clock.move(5 * 24 * time.Hour)
	p := w.start()
	w.healed(1)
	w.receive(mark("baru", "6281299900011@c.us", "1", true, 1))
	w.drain()
	p.stop()
	want := w.tables()
	w.forget()
	w.clock.move(5 * 24 * time.Hour)
	p = w.start()
	w.healed(2)
	p.stop()
	got := w.tables()
	for table := range tables {
		w.same(table, want[table], got[table])
	}
	w.clean()
}

// TestHealDiesHalfWay: what a heal did not come to is healed after the next
// start, however long the process was down.
func TestHealDiesHalfWay(t *testing.T) {
	want := runUndisturbed(t, onSQLite, 5)
	for _, tc := range []struct {
		name string
		fail func(w *world, page int)
	}{
		{"reading the inbox", func(w *world, page int) {
			w.inbox.within = func(n int) error {
				if n >= page {
					return errDisk
				}
				return nil
			}
		}},
		{"asking the database", func(w *world, page int) {
			n := 0
			w.store.missing = func() error {
				if n++; n%20 >= page {
					return away()
				}
				return nil
			}
		}},
		{"recording", func(w *world, page int) {
			w.store.onRecord = func(n int, _ []store.Input) fault {
				if n%20 >= page {
					return fault{before: away()}
				}
				return fault{}
			}
		}},
	} {
		for _, page := range []int{1, 4} {
			t.Run(fmt.Sprintf("%s, page %d", tc.name, page), func(t *testing.T) {
				w := newWorld(t, onSQLite)
				w.cfg.Batch = 5
				w.remember()
				w.receiveHistory()
				w.run()
				w.forget()
				w.clock.move(5 * 24 * time.Hour)
				w.store.records = 0
				tc.fail(w, page)
				p := w.pipeline()
				if _, _, err := p.Heal(t.Context()); err == nil {
					t.Fatal("Heal did not fail")
				}
				w.inbox.within, w.store.missing, w.store.onRecord = nil, nil, nil
				w.restart()
				w.clock.move(5 * 24 * time.Hour)
				q := w.start()
				w.healed(1)
				q.stop()
				w.exactlyOnce(want)
			})
		}
	}
}

// TestHealUntilDone: a heal that fails is tried again, and says so.
func TestHealUntilDone(t *testing.T) {
	want := runUndisturbed(t, onSQLite, 5)
	w := newWorld(t, onSQLite)
	w.cfg.Batch = 5
	w.remember()
	w.receiveHistory()
	w.run()
	w.forget()
	n := 0
	w.store.missing = func() error {
		if n++; n <= 7 {
			return away()
		}
		return nil
	}
	w.start()
	w.healed(1)
	w.exactlyOnce(want)
	if got := strings.Count(w.log.String(), "could not be checked"); got != 7 {
		t.Errorf("said %d times in the log, want 7", got)
	}
}

// TestHealOnReturn: a database that comes back without its last transactions is
// healed though Tandai never stopped.
func TestHealOnReturn(t *testing.T) {
	want := runUndisturbed(t, onSQLite, 5)
	all := history(t)
	w := newWorld(t, onSQLite)
	w.cfg.Batch = 5
	p := w.start()
	w.receive(all[:30]...)
	w.drain()
	w.until("the view is made", func() bool { return len(w.rows("SELECT 1 FROM session_registry WHERE view_name <> ''")) == 1 })
	w.remember()
	w.receive(all[30:60]...)
	w.drain()
	w.store.set(func(s *faultyStore) {
		s.onRecord = func(int, []store.Input) fault { return fault{before: away()} }
	})
	w.receive(all[60:]...)
	w.until("the database is seen to be away", func() bool { return !p.Database().Up })
	w.until("no view is being made", func() bool { return len(w.rows("SELECT 1 FROM session_registry WHERE view_name = ''")) == 0 })
	w.forget()
	w.store.set(func(s *faultyStore) { s.onRecord = nil })
	w.drain()
	w.healed(1)
	w.exactlyOnce(want)
}

// TestHealRefused: what the database has come to refuse since is quarantined,
// and the rest healed; what is on an ignore list since is skipped.
func TestHealRefused(t *testing.T) {
	for _, n := range []int{3, 20} { // 20 refused and none taken: suspicious at first
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			w := newWorld(t, onSQLite)
			w.cfg.Batch = 50
			w.remember()
			w.receive(marks(n)...)
			w.run()
			w.forget()
			w.db.Exec(t, `CREATE TRIGGER devil BEFORE INSERT ON label_events BEGIN SELECT RAISE(ABORT, 'not that one'); END`)
			w.start()
			w.until("all are quarantined", func() bool { return w.stats().Quarantined == int64(n) })
			if s := w.stats(); s.Done != 0 || s.Waiting != 0 {
				t.Errorf("%+v", s)
			}
		})
	}
	t.Run("ignored since", func(t *testing.T) {
		w := newWorld(t, onSQLite)
		w.remember()
		w.receive(marks(3)...)
		w.run()
		w.forget()
		w.cfg.HasIgnored = func(string) bool { return true }
		w.cfg.Ignored = func(_, phone string) bool { return phone == "6281299900001" }
		w.start()
		w.healed(1)
		w.until("one is skipped", func() bool { return w.stats().Skipped[SkipIgnored] == 1 })
		w.same("outcomes", []string{"done", "skipped: ignored_number", "done"}, w.outcomes())
		w.same("recorded", []string{"0", "2"}, w.rows("SELECT label_id FROM label_events ORDER BY label_id"))
	})
	t.Run("quarantined and skipped ones stay what they are", func(t *testing.T) {
		w := newWorld(t, onSQLite)
		w.receive(mark("toko", "1203@g.us", "1", true, 1), envelope("evt_bad", map[string]string{"payload": "{}"}))
		w.run()
		before := w.outcomes()
		checked, again, err := w.pipeline().Heal(t.Context())
		if checked != 0 || again != 0 || err != nil {
			t.Errorf("Heal = %d, %d, %v; want nothing to do", checked, again, err)
		}
		w.same("outcomes", before, w.outcomes())
	})
}

// TestHealBesideWork: a heal runs while deliveries come in.
func TestHealBesideWork(t *testing.T) {
	want := runUndisturbed(t, onSQLite, 5)
	all := history(t)
	w := newWorld(t, onSQLite)
	w.cfg.Batch = 3
	w.remember()
	w.receive(all[:40]...)
	w.run()
	w.forget()
	w.start()
	w.receive(all[40:]...)
	w.drain()
	w.healed(1)
	w.exactlyOnce(want)
	for _, d := range w.bodies() {
		if d.State == inbox.Waiting {
			t.Errorf("body %d waits", d.Seq)
		}
	}
}
