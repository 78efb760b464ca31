package inbox

import (
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// body is what the model knows of a stored body.
type body struct {
	n          int
	state      State
	reason     string
	receivedAt int64
	settledAt  int64
	stored     bool // the store holds something of it
	claimed    bool
}

// model is an inbox in a few maps, to compare the real one with.
type model struct {
	bodies   map[int64]*body // by seq, those not pruned
	byItem   map[int]int64   // item number → seq of those not pruned
	received int64
	gone     map[State]map[string]int64 // pruned, by what they were
	newest   int64                      // received_at of the highest seq
	latest   int64                      // when something was last recorded
}

// TestModel drives an inbox with random calls, restarts included, and compares
// everything it says with the model.
func TestModel(t *testing.T) {
	memory := "/dev/shm" // this tests what is written, not how fast the disk is
	if _, err := os.Stat(memory); err != nil {
		memory = ""
	}
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp(memory, "inbox-model")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		c := newClock()
		cfg := Config{Path: filepath.Join(dir, "inbox.db"), MinFreeBytes: -1, Keep: 3 * time.Hour, Now: c.Now, Log: slog.New(slog.DiscardHandler)}
		b, err := Open(ctx, cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { b.Close() }()
		m := &model{bodies: map[int64]*body{}, byItem: map[int]int64{}, gone: map[State]map[string]int64{}}

		reasons := rapid.SampledFrom([]string{"group", "broadcast", "ignored_number"})
		actions := map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				for range rapid.IntRange(1, 8).Draw(t, "items") {
					n := rapid.IntRange(0, 60).Draw(t, "item")
					it := item(n)
					if rapid.IntRange(0, 9).Draw(t, "quarantine") == 0 {
						it.Quarantine = "odd"
					}
					known, err := b.Put(ctx, it)
					if err != nil {
						t.Fatal(err)
					}
					if _, want := m.byItem[n]; known != want {
						t.Fatalf("item %d is known: %v, want %v", n, known, want)
					}
					if !known {
						m.put(n, it.Quarantine, c.ms())
					}
				}
			},
			"claim": func(t *rapid.T) {
				limit := rapid.IntRange(1, 12).Draw(t, "limit")
				list, err := b.Claim(ctx, limit)
				if err != nil {
					t.Fatal(err)
				}
				if d := cmp.Diff(m.claim(limit), seqs(list)); d != "" {
					t.Fatalf("claimed (-want +got):\n%s", d)
				}
			},
			"settle": func(t *rapid.T) {
				var out []Outcome
				for seq, x := range m.sorted() {
					if x.claimed && rapid.Bool().Draw(t, "this one") {
						out = append(out, outcome(t, seq, reasons))
					}
				}
				if err := b.Settle(ctx, out); err != nil {
					t.Fatal(err)
				}
				m.settle(out, c.ms())
			},
			"settle anything, as replay does": func(t *rapid.T) {
				var out []Outcome
				for range rapid.IntRange(1, 5).Draw(t, "outcomes") {
					out = append(out, outcome(t, rapid.Int64Range(1, 80).Draw(t, "seq"), reasons))
				}
				if err := b.Settle(ctx, out); err != nil {
					t.Fatal(err)
				}
				m.settle(out, c.ms())
			},
			"release": func(t *rapid.T) {
				for seq, x := range m.sorted() {
					if x.claimed && rapid.Bool().Draw(t, "this one") {
						x.claimed = false
						b.Release(seq)
					}
				}
			},
			"requeue": func(t *rapid.T) {
				f := Filter{Since: c.ms() - rapid.Int64Range(0, 4*3600_000).Draw(t, "ago")}
				if rapid.Bool().Draw(t, "only quarantined") {
					f.States = []State{Quarantined}
				}
				n, err := b.Requeue(ctx, f)
				if err != nil {
					t.Fatal(err)
				}
				if want := m.requeue(f, c.ms()); n != want {
					t.Fatalf("%d requeued, want %d", n, want)
				}
			},
			"dismiss": func(t *rapid.T) {
				seq := rapid.Int64Range(1, 80).Draw(t, "seq")
				err := b.Dismiss(ctx, seq, "")
				x := m.bodies[seq]
				if ok := x != nil && x.state == Quarantined; (err == nil) != ok {
					t.Fatalf("Dismiss(%d) = %v", seq, err)
				} else if ok {
					x.state, x.reason, x.settledAt = Skipped, "dismissed", c.ms()
					if x.stored {
						m.latest = c.ms()
					}
				}
			},
			"prune": func(t *rapid.T) {
				n, err := b.Prune(ctx)
				if err != nil {
					t.Fatal(err)
				}
				if want := m.prune(c.ms(), cfg.Keep); n != want {
					t.Fatalf("%d pruned, want %d", n, want)
				}
			},
			"time passes": func(t *rapid.T) {
				c.move(time.Duration(rapid.Int64Range(-30, 150).Draw(t, "minutes")) * time.Minute)
			},
			"restart": func(t *rapid.T) {
				if err := b.Close(); err != nil {
					t.Fatal(err)
				}
				if b, err = Open(ctx, cfg); err != nil {
					t.Fatal(err)
				}
				for _, x := range m.bodies {
					x.claimed = false
				}
			},
			"": func(t *rapid.T) { m.compare(t, b) },
		}
		t.Repeat(actions)
	})
}

func outcome(t *rapid.T, seq int64, reasons *rapid.Generator[string]) Outcome {
	switch rapid.IntRange(0, 3).Draw(t, "outcome") {
	case 0:
		return Outcome{Seq: seq, State: Skipped, Reason: reasons.Draw(t, "reason"), Stored: rapid.Bool().Draw(t, "stored")}
	case 1:
		return Outcome{Seq: seq, State: Quarantined, Reason: "odd", Stored: rapid.Bool().Draw(t, "stored")}
	}
	return Outcome{Seq: seq, State: Done}
}

func (m *model) sorted() func(yield func(int64, *body) bool) {
	return func(yield func(int64, *body) bool) {
		for _, seq := range slices.Sorted(maps.Keys(m.bodies)) {
			if !yield(seq, m.bodies[seq]) {
				return
			}
		}
	}
}

func (m *model) put(n int, quarantine string, now int64) {
	m.received++
	x := &body{n: n, receivedAt: now}
	if quarantine != "" {
		x.state, x.reason, x.settledAt = Quarantined, quarantine, now
	}
	m.bodies[m.received] = x
	m.byItem[n] = m.received
	m.newest = now
}

// claim hands out what waits and is not claimed: what was there before first.
// After a restart nothing was, so the order is that of seq either way.
func (m *model) claim(limit int) []int64 {
	list := []int64{}
	for seq, x := range m.sorted() {
		if x.state == Waiting && !x.claimed && len(list) < limit {
			x.claimed = true
			list = append(list, seq)
		}
	}
	return list
}

func (m *model) settle(out []Outcome, now int64) {
	for _, o := range out {
		if x := m.bodies[o.Seq]; x != nil {
			x.state, x.reason, x.settledAt, x.claimed = o.State, o.Reason, now, false
			x.stored = o.State == Done || o.Stored
			if x.stored {
				m.latest = now
			}
		}
	}
}

func (m *model) requeue(f Filter, now int64) (n int64) {
	for _, x := range m.bodies {
		if x.state != Waiting && x.receivedAt >= f.Since && f.state(x.state) {
			x.state, x.reason, x.settledAt, x.stored = Waiting, "", now, false
			n++
		}
	}
	return n
}

// lately tells what was recorded within an hour of the newest recordings.
func (m *model) lately() func(*body) bool {
	highest := int64(-1)
	for _, x := range m.bodies {
		if x.stored {
			highest = max(highest, x.settledAt)
		}
	}
	return func(x *body) bool {
		within := func(end int64) bool { return x.settledAt <= end && x.settledAt >= end-3600_000 }
		return x.stored && (within(highest) || within(m.latest) || x.settledAt >= m.latest-3600_000 && m.latest >= highest-3600_000)
	}
}

func (m *model) prune(now int64, keep time.Duration) (n int64) {
	before := min(now, m.newest) - keep.Milliseconds()
	lately := m.lately()
	var gone []int64
	for seq, x := range m.bodies {
		if (x.state == Done || x.state == Skipped) && x.receivedAt < before && seq != m.received && !lately(x) {
			gone = append(gone, seq)
		}
	}
	for _, seq := range gone {
		x := m.bodies[seq]
		if m.gone[x.state] == nil {
			m.gone[x.state] = map[string]int64{}
		}
		m.gone[x.state][x.reason]++
		delete(m.bodies, seq)
		delete(m.byItem, x.n)
	}
	return int64(len(gone))
}

// compare holds everything b says against the model.
func (m *model) compare(t *rapid.T, b *Inbox) {
	want := Stats{Received: m.received, Skipped: map[string]int64{}}
	for reason, n := range m.gone[Skipped] {
		want.Skipped[reason] += n
	}
	want.Done = m.gone[Done][""]
	var wantBodies []Delivery
	wantRecorded := []int64{}
	lately := m.lately()
	for seq, x := range m.sorted() {
		switch x.state {
		case Waiting:
			want.Waiting++
			if want.OldestWaitingAt == 0 {
				want.OldestWaitingAt = x.receivedAt
			}
		case Done:
			want.Done++
		case Skipped:
			want.Skipped[x.reason]++
		case Quarantined:
			want.Quarantined++
		}
		if lately(x) {
			wantRecorded = append(wantRecorded, seq)
		}
		it := item(x.n)
		wantBodies = append(wantBodies, Delivery{Seq: seq, Key: it.Key, Session: it.Session, Event: it.Event, At: it.At,
			ReceivedAt: x.receivedAt, Body: it.Body, State: x.state, Reason: x.reason, SettledAt: x.settledAt})
	}
	got, err := b.Stats(ctx)
	if err != nil {
		t.Fatal(err)
	}
	got.Space, got.Minutes, got.LastReceivedAt, got.OldestWaitingAge = Space{}, [60]int64{}, 0, 0
	if d := cmp.Diff(want, got); d != "" {
		t.Fatalf("Stats (-want +got):\n%s", d)
	}
	var bodies []Delivery
	for after := int64(0); ; {
		page, next, err := b.Range(ctx, Filter{}, after, 7)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) == 0 {
			break
		}
		bodies, after = append(bodies, page...), next
	}
	if d := cmp.Diff(wantBodies, bodies); d != "" {
		t.Fatalf("bodies (-want +got):\n%s", d)
	}
	recorded := []int64{}
	for page, err := range b.RecordedWithin(ctx, time.Hour, 3) {
		if err != nil {
			t.Fatal(err)
		}
		recorded = append(recorded, seqs(page)...)
	}
	slices.Sort(recorded)
	if d := cmp.Diff(wantRecorded, recorded); d != "" {
		t.Fatalf("recorded lately (-want +got):\n%s", d)
	}
}
