package pipeline

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"tandai/internal/inbox"
	"tandai/internal/store"
)

// undisturbed is what becomes of the history when nothing fails.
type undisturbed struct {
	tables   map[string][]string
	outcomes []string
	batches  int // at least so many it takes
}

func runUndisturbed(t testing.TB, on engine, batch int) undisturbed {
	t.Helper()
	w := newWorld(t, on)
	w.cfg.Batch = batch
	w.receiveHistory()
	w.run()
	w.clean()
	u := undisturbed{w.tables(), w.outcomes(), (len(w.bodies()) - 2) / batch} // two are quarantined at the door
	states := map[string]bool{}
	for _, o := range u.outcomes {
		states[strings.Split(o, ":")[0]] = true
	}
	if len(states) != 3 || len(u.tables["label_events"]) < 30 || len(u.tables["identities"]) == 0 || len(u.tables["label_sightings"]) == 0 || u.batches < 4 {
		t.Fatalf("the history is too poor to prove anything: %+v", u)
	}
	return u
}

// exactlyOnce fails unless everything is as if nothing had failed.
func (w *world) exactlyOnce(want undisturbed) {
	w.t.Helper()
	w.same("outcomes", want.outcomes, w.outcomes())
	got := w.tables()
	for name := range tables {
		w.same(name, want.tables[name], got[name])
	}
	if s := w.stats(); s.Waiting != 0 || s.Received != int64(len(want.outcomes)) {
		w.t.Errorf("%d of %d received bodies wait", s.Waiting, s.Received)
	}
	w.same("changes of what was recorded", []string(nil), w.rows("SELECT * FROM label_event_changes"))
	w.clean()
}

// TestStoreFails makes every write of the store fail in turn, before and after it
// persisted.
func TestStoreFails(t *testing.T) {
	for _, on := range engines {
		t.Run(on.name, func(t *testing.T) {
			const batch = 16
			want := runUndisturbed(t, on, batch)
			for kind, f := range map[string]fault{
				"unavailable":                {before: away()},
				"unavailable, yet persisted": {after: away()},
				"conflict":                   {before: conflict()},
				"conflict, yet persisted":    {after: conflict()},
				"refused, yet persisted":     {after: refusedBy("1406")},
				"refused":                    {before: refusedBy("1406")},
			} {
				for n := 1; n <= want.batches; n++ {
					if on.name == onMariaDB.name && (n > 1 || f.after == nil) {
						continue // a database costs a second there
					}
					if strings.HasPrefix(kind, "conflict") && n != 2 {
						continue // met like "unavailable"; only what is said of it differs
					}
					t.Run(fmt.Sprintf("%s at %d", kind, n), func(t *testing.T) {
						w := newWorld(t, on)
						w.cfg.Batch = batch
						w.store.onRecord = func(call int, _ []store.Input) fault { return once(n, f)(call) }
						w.receiveHistory()
						w.run()
						if w.store.calls() <= n {
							t.Fatalf("%d calls of Record, nothing came after the fault", w.store.calls())
						}
						w.exactlyOnce(want)
					})
				}
			}
		})
	}
}

// TestInboxFails makes every write of the inbox fail in turn, before and after it
// persisted, and every claim.
func TestInboxFails(t *testing.T) {
	const batch = 16
	want := runUndisturbed(t, onSQLite, batch)
	for kind, f := range map[string]fault{"fails": {before: errDisk}, "fails, yet persisted": {after: errDisk}} {
		for n := 1; n <= want.batches; n++ {
			t.Run(fmt.Sprintf("settle %d %s", n, kind), func(t *testing.T) {
				w := newWorld(t, onSQLite)
				w.cfg.Batch = batch
				w.inbox.onSettle = once(n, f)
				w.receiveHistory()
				w.run()
				if w.inbox.settles < n {
					t.Fatalf("%d calls of Settle, the fault was not met", w.inbox.settles)
				}
				w.exactlyOnce(want)
			})
		}
	}
	t.Run("claims fail", func(t *testing.T) {
		w := newWorld(t, onSQLite)
		w.cfg.Batch = batch
		w.inbox.onClaim = func(n int) error {
			if n == 2 || n == 4 {
				return errDisk
			}
			return nil
		}
		w.receiveHistory()
		w.run()
		if !strings.Contains(w.log.String(), "inbox cannot be read") {
			t.Errorf("nobody was told; log:\n%s", w.log)
		}
		w.exactlyOnce(want)
	})
}

// TestEverythingFails: store and inbox fail at random, in any way, and the
// process dies now and then.
func TestEverythingFails(t *testing.T) {
	for _, on := range engines {
		seeds := 4
		if on.name == onMariaDB.name {
			seeds = 2
		}
		t.Run(on.name, func(t *testing.T) {
			want := runUndisturbed(t, on, 5)
			for seed := range seeds {
				t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
					stream := func(n uint64) *rand.Rand { return rand.New(rand.NewPCG(uint64(seed), n)) } // one for each goroutine
					ofStore, ofInbox, r := stream(1), stream(2), stream(3)
					w := newWorld(t, on)
					w.cfg.Batch = 5
					pick := func(r *rand.Rand, f ...fault) fault {
						if n := r.IntN(3 * len(f)); n < len(f) {
							return f[n]
						}
						return fault{}
					}
					w.store.onRecord = func(int, []store.Input) fault {
						return pick(ofStore, fault{before: away()}, fault{after: away()}, fault{before: conflict()}, fault{after: conflict()})
					}
					w.inbox.onSettle = func(int) fault { return pick(ofInbox, fault{before: errDisk}, fault{after: errDisk}) }
					w.receiveHistory()
					for range 4 { // the process dies four times
						p := w.start()
						w.until("something is settled", func() bool {
							s := w.stats()
							return s.Waiting == 0 || r.IntN(40) == 0
						})
						p.stop()
						w.restart()
					}
					w.run()
					w.exactlyOnce(want)
				})
			}
		})
	}
}

// TestAnyBatchingAnyOrder: what is recorded does not depend on batches, order or
// repetition.
func TestAnyBatchingAnyOrder(t *testing.T) {
	want := runUndisturbed(t, onSQLite, 16)
	for _, batch := range []int{1, 3, 2000} {
		for name, bodies := range map[string][][]byte{"in order": history(t), "in another order, in part twice": inverted(history(t))} {
			t.Run(fmt.Sprintf("%s, batches of %d", name, batch), func(t *testing.T) {
				w := newWorld(t, onSQLite)
				w.cfg.Batch = batch
				w.receive(bodies...)
				w.run()
				got := w.tables()
				for table := range tables {
					w.same(table, want.tables[table], got[table])
				}
				w.same("changes of what was recorded", []string(nil), w.rows("SELECT * FROM label_event_changes"))
				w.clean()
			})
		}
	}
}

// TestWhileItArrives: deliveries come in while the pipeline runs; it need not be
// told, and does not wait for the next look.
func TestWhileItArrives(t *testing.T) {
	want := runUndisturbed(t, onSQLite, 16)
	w := newWorld(t, onSQLite)
	w.start()
	begun := time.Now()
	for _, b := range history(t) {
		w.receive(b)
	}
	w.drain()
	if took := time.Since(begun); took > 10*pollEvery {
		t.Errorf("took %v: every batch waited for the next look at the inbox", took)
	}
	w.exactlyOnce(want)
	counted := w.metric("tandai_pipeline_deliveries_total", "outcome=recorded") + w.metric("tandai_pipeline_deliveries_total", "outcome=skipped") +
		w.metric("tandai_pipeline_deliveries_total", "outcome=quarantined")
	atTheDoor := 0
	for _, d := range w.bodies() {
		if d.State == inbox.Quarantined && strings.HasPrefix(d.Reason, "the body ") {
			atTheDoor++
		}
	}
	if int(counted)+atTheDoor != len(want.outcomes) {
		t.Errorf("%v deliveries counted and %d quarantined at the door, of %d", counted, atTheDoor, len(want.outcomes))
	}
}
