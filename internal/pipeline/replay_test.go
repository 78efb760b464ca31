package pipeline

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"tandai/internal/inbox"
	"tandai/internal/store"
)

// TestReplay: running everything again changes nothing but when it was settled.
func TestReplay(t *testing.T) {
	for _, on := range engines {
		t.Run(on.name, func(t *testing.T) {
			want := runUndisturbed(t, on, 5)
			for _, batch := range []int{1, 7, 2000} {
				if on.name == onMariaDB.name && batch != 7 {
					continue
				}
				t.Run(fmt.Sprint("batches of ", batch), func(t *testing.T) {
					w := newWorld(t, on)
					w.cfg.Batch = batch
					w.receiveHistory()
					w.run()
					wantDone := Replayed{Bodies: len(want.outcomes), Skipped: map[string]int{}}
					for _, o := range want.outcomes {
						switch {
						case o == "done":
							wantDone.Recorded++
						case strings.HasPrefix(o, "skipped: "):
							wantDone.Skipped[strings.TrimPrefix(o, "skipped: ")]++
						case strings.HasPrefix(o, "quarantined: the body "):
							wantDone.Unread++ // only its head was kept
						default:
							wantDone.Quarantined++
						}
					}
					if wantDone.Unread != 2 || wantDone.Quarantined != 2 || len(wantDone.Skipped) != 5 {
						t.Fatalf("the history is too poor: %+v", wantDone)
					}
					for range 2 {
						var said []Replayed
						done, err := w.pipeline().Replay(t.Context(), inbox.Filter{}, func(r Replayed) { said = append(said, r) })
						if err != nil {
							t.Fatal(err)
						}
						w.same("replayed", wantDone, done)
						if n := (len(want.outcomes) + batch - 1) / batch; len(said) != n || said[n-1].Bodies != done.Bodies {
							t.Errorf("progress was told %d times, want %d: %+v", len(said), n, said)
						}
						w.exactlyOnce(want)
					}
				})
			}
		})
	}
}

// TestReplayIntoNothing: a replay fills an empty database from the inbox alone,
// views included.
func TestReplayIntoNothing(t *testing.T) {
	want := runUndisturbed(t, onSQLite, 5)
	w := newWorld(t, onSQLite)
	w.receiveHistory()
	for _, d := range w.bodies() { // somebody dealt with them without recording
		if d.State == inbox.Waiting {
			if err := w.box.Settle(t.Context(), []inbox.Outcome{{Seq: d.Seq, State: inbox.Skipped, Reason: "mistake"}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	done, err := w.pipeline().Replay(t.Context(), inbox.Filter{}, nil)
	if err != nil || done.Bodies != len(want.outcomes) {
		t.Fatalf("replayed %+v, %v", done, err)
	}
	w.exactlyOnce(want)
}

func TestReplayFilters(t *testing.T) {
	w := newWorld(t, onSQLite)
	ms := func() int64 { return w.clock.Now().UnixMilli() }
	bad := func(n int) []byte {
		return envelope(fmt.Sprint("evt_bad_", n), map[string]string{"payload": `{"labelId":1}`})
	}
	w.receive(mark("toko", "6281299900011@c.us", "1", true, 1), bad(1))
	w.clock.move(time.Minute)
	second := ms()
	w.receive(mark("lain", "6281299900011@c.us", "1", true, 2), mark("toko", "1203@g.us", "1", true, 3))
	w.clock.move(time.Minute)
	third := ms()
	w.receive(mark("toko", "6281299900011@c.us", "1", false, 4), bad(2), []byte("{"))
	w.run()
	for _, tc := range []struct {
		name string
		f    inbox.Filter
		want Replayed
	}{
		{"everything", inbox.Filter{}, Replayed{Bodies: 7, Recorded: 3, Skipped: map[string]int{"group": 1}, Quarantined: 2, Unread: 1}},
		{"since", inbox.Filter{Since: second}, Replayed{Bodies: 5, Recorded: 2, Skipped: map[string]int{"group": 1}, Quarantined: 1, Unread: 1}},
		{"until", inbox.Filter{Until: third}, Replayed{Bodies: 4, Recorded: 2, Skipped: map[string]int{"group": 1}, Quarantined: 1}},
		{"since and until", inbox.Filter{Since: second, Until: third}, Replayed{Bodies: 2, Recorded: 1, Skipped: map[string]int{"group": 1}}},
		{"quarantined", inbox.Filter{States: []inbox.State{inbox.Quarantined}}, Replayed{Bodies: 3, Quarantined: 2, Unread: 1, Skipped: map[string]int{}}},
		{"skipped and done", inbox.Filter{States: []inbox.State{inbox.Skipped, inbox.Done}}, Replayed{Bodies: 4, Recorded: 3, Skipped: map[string]int{"group": 1}}},
		{"a session", inbox.Filter{Sessions: []string{"lain"}}, Replayed{Bodies: 1, Recorded: 1, Skipped: map[string]int{}}},
		{"a session nobody has", inbox.Filter{Sessions: []string{"siapa"}}, Replayed{Skipped: map[string]int{}}},
		{"a time when nothing came", inbox.Filter{Since: third + 60_000}, Replayed{Skipped: map[string]int{}}},
	} {
		for _, batch := range []int{1, 3, 100} {
			t.Run(fmt.Sprintf("%s, batches of %d", tc.name, batch), func(t *testing.T) {
				before := w.outcomes()
				w.cfg.Batch = batch
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second) // a replay must end
				defer cancel()
				done, err := w.pipeline().Replay(ctx, tc.f, nil)
				if err != nil {
					t.Fatal(err)
				}
				w.same("replayed", tc.want, done)
				w.same("outcomes", before, w.outcomes())
			})
		}
	}
}

// TestReplayEnds: a replay runs what was there when it began, and leaves what
// goes on arriving to the pipeline; whatever the clocks say.
func TestReplayEnds(t *testing.T) {
	for name, move := range map[string]time.Duration{"the clock goes on": time.Second, "the clock was set back since": -30 * 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, onSQLite)
			w.cfg.Batch = 5
			w.receiveHistory()
			w.run()
			w.clock.move(move)
			n := 0
			done, err := w.pipeline().Replay(t.Context(), inbox.Filter{}, func(Replayed) {
				for range 5 {
					if n++; n > 1000 {
						t.Fatal("the replay runs after what arrives")
					}
					w.receive(mark("toko", "6281299900011@c.us", "1", true, int64(n)))
				}
			})
			if err != nil || done.Bodies != 72 {
				t.Errorf("replayed %+v, %v; want the 72 that were there", done, err)
			}
			if s := w.stats(); s.Waiting != int64(n) {
				t.Errorf("%d of %d that arrived meanwhile wait, want all", s.Waiting, n)
			}
		})
	}
}

// TestReplayAfterAFix: bodies that were not understood become events once the
// mapping is right, and rows that were mapped wrongly become right, with what
// they were kept.
func TestReplayAfterAFix(t *testing.T) {
	t.Run("not understood before", func(t *testing.T) {
		w := newWorld(t, onSQLite)
		w.receive(mark("toko", "6281299900011@c.us", "1", true, 1), mark("toko", "6281299900011@c.us", "2", true, 2), []byte("{"))
		seq := w.bodies()[1].Seq
		if err := w.box.Settle(t.Context(), []inbox.Outcome{{Seq: seq, State: inbox.Quarantined, Reason: "an older Tandai did not understand it"}}); err != nil {
			t.Fatal(err)
		}
		w.run()
		w.same("rows before", []string{"1"}, w.rows("SELECT label_id FROM label_events"))
		done, err := w.pipeline().Replay(t.Context(), inbox.Filter{States: []inbox.State{inbox.Quarantined}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		w.same("replayed", Replayed{Bodies: 2, Recorded: 1, Unread: 1, Skipped: map[string]int{}}, done)
		w.same("outcomes", []string{"done", "done", "quarantined: the body is not JSON: it ends too early, at byte 1"}, w.outcomes())
		w.same("rows", []string{"1", "2"}, w.rows("SELECT label_id FROM label_events ORDER BY label_id"))
		w.clean()
	})
	t.Run("mapped wrongly before", func(t *testing.T) {
		w := newWorld(t, onSQLite)
		w.receive(mark("toko", "6281299900011@c.us", "1", true, 1))
		w.run()
		want := w.tables()
		w.db.Exec(t, "UPDATE label_events SET label_id = '9', chat_id = '6281299900099@c.us', nomor_lead = '6281299900099'")
		w.db.Exec(t, "UPDATE label_spans SET label_id = '9', nomor_lead = '6281299900099'")
		w.db.Exec(t, "UPDATE label_daily SET label_id = '9'")
		w.clock.move(time.Hour)
		if _, err := w.pipeline().Replay(t.Context(), inbox.Filter{}, nil); err != nil {
			t.Fatal(err)
		}
		got := w.tables()
		for _, table := range []string{"label_events", "label_spans"} {
			w.same(table, want[table], got[table])
		}
		w.same("what it was", []string{"chat_id | 6281299900099@c.us | 6281299900011@c.us", "label_id | 9 | 1", "nomor_lead | 6281299900099 | 6281299900011"},
			w.rows("SELECT column_name, old_value, new_value FROM label_event_changes ORDER BY column_name"))
		w.clean()
	})
}

// TestReplayBesideServe: a replay runs over the same inbox while a pipeline
// drains it, and in another process than the one that does.
func TestReplayBesideServe(t *testing.T) {
	for _, on := range engines {
		for _, process := range []string{"the same process", "another process"} {
			t.Run(on.name+", "+process, func(t *testing.T) {
				want := runUndisturbed(t, on, 5)
				w := newWorld(t, on)
				w.cfg.Batch = 3
				replayer := New(w.cfg)
				if process == "another process" {
					box, err := inbox.Open(t.Context(), inbox.Config{Path: w.boxAt, MinFreeBytes: -1, Now: w.clock.Now})
					if err != nil {
						t.Fatal(err)
					}
					defer box.Close()
					cfg := w.cfg
					cfg.Inbox, cfg.Store = box, w.db.Reopen(t)
					replayer = New(cfg)
				}
				all := history(t)
				w.receive(all[:20]...)
				p := w.start()
				ended := make(chan error, 1)
				go func() {
					for range 5 {
						if _, err := replayer.Replay(t.Context(), inbox.Filter{}, nil); err != nil {
							ended <- err
							return
						}
					}
					ended <- nil
				}()
				for _, b := range all[20:] {
					w.receive(b)
				}
				if err := <-ended; err != nil {
					t.Errorf("replay: %v", err)
				}
				w.drain()
				w.until("the views are made", func() bool { return len(w.rows("SELECT session FROM session_registry WHERE view_name = ''")) == 0 })
				p.stop()
				w.exactlyOnce(want)
			})
		}
	}
}

// TestReplayCutOff: a replay that is cut off, or finds the database away, says
// how far it came; run again it ends as if nothing had been.
func TestReplayCutOff(t *testing.T) {
	want := runUndisturbed(t, onSQLite, 5)
	w := newWorld(t, onSQLite)
	w.cfg.Batch = 5
	w.receiveHistory()
	w.run()
	from := w.store.calls()
	w.store.onRecord = func(n int, _ []store.Input) fault {
		if n == from+4 {
			return fault{after: away()}
		}
		return fault{}
	}
	done, err := w.pipeline().Replay(t.Context(), inbox.Filter{}, nil)
	if err == nil || done.Bodies != 15 {
		t.Errorf("replayed %+v, %v; want an error after 15 bodies", done, err)
	}
	w.exactlyOnce(want)
	done, err = w.pipeline().Replay(t.Context(), inbox.Filter{}, nil)
	if err != nil || done.Bodies != len(want.outcomes) {
		t.Errorf("replayed %+v, %v", done, err)
	}
	w.exactlyOnce(want)

	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	done, err = w.pipeline().Replay(ctx, inbox.Filter{}, func(Replayed) {
		if n++; n == 2 {
			cancel()
		}
	})
	if err == nil || done.Bodies != 10 {
		t.Errorf("cut off after two batches of 5: %+v, %v", done, err)
	}
	w.exactlyOnce(want)
}
