package inbox

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestClaim_OldestFirstAndOnce(t *testing.T) {
	b := open(t, newPath(t), nil)
	for n := range 10 {
		put(t, b, item(n))
	}
	steps := []struct {
		name string
		do   func()
		want []int64 // of Claim(4) afterwards
	}{
		{"first four", func() {}, []int64{1, 2, 3, 4}},
		{"next four, none of the first settled", func() {}, []int64{5, 6, 7, 8}},
		{"released ones come first", func() { b.Release(7, 2, 99) }, []int64{2, 7, 9, 10}},
		{"nothing is left", func() {}, []int64{}},
		{"what is settled does not come back", func() { settle(t, b, Done, "", 1, 3); b.Release(1, 3) }, []int64{}},
		{"released, then settled", func() { b.Release(4); settle(t, b, Done, "", 4) }, []int64{}},
		{"new ones", func() { put(t, b, item(11)); put(t, b, item(12)) }, []int64{11, 12}},
		{"requeued ones wait again, but not what is still claimed", func() {
			if n, err := b.Requeue(ctx, Filter{}); err != nil || n != 3 {
				t.Fatalf("Requeue = %d, %v; want 3", n, err)
			}
		}, []int64{1, 3, 4}},
		{"settled for the second time", func() { settle(t, b, Skipped, "group", 1, 3, 4) }, []int64{}},
	}
	for _, s := range steps {
		s.do()
		if got := claim(t, b, 4); !cmp.Equal(s.want, got) {
			t.Fatalf("%s: claimed %v, want %v", s.name, got, s.want)
		}
	}
}

func TestClaim_AgainAfterRestart(t *testing.T) {
	path := newPath(t)
	b := open(t, path, nil)
	for n := range 2500 {
		go b.Put(ctx, item(n))
	}
	for stats(t, b).Received < 2500 {
		time.Sleep(time.Millisecond)
	}
	done := claim(t, b, 2300)
	settle(t, b, Done, "", done[:1000]...)
	settle(t, b, Done, "", done[1001:2000]...)
	claim(t, b, 1000)
	b.Close()

	b = open(t, path, nil)
	select {
	case <-b.Ready():
	default:
		t.Error("nothing is said to be ready after opening")
	}
	if got := b.low.Load(); got != 1000 {
		t.Errorf("low water is %d, want 1000: the first that waits is 1001", got)
	}
	got := claim(t, b, 10_000)
	if len(got) != 501 || got[0] != 1001 || got[1] != 2001 || got[500] != 2500 {
		t.Errorf("claimed %d bodies, %v ...; want 1001 and 2001 to 2500", len(got), got[:min(3, len(got))])
	}
	settle(t, b, Done, "", got...)
	b.Close()
	if b = open(t, path, nil); b.low.Load() != 2500 {
		t.Errorf("low water is %d, want 2500", b.low.Load())
	}
	if got := claim(t, b, 10); len(got) != 0 {
		t.Errorf("claimed %v, want none", got)
	}
}

func TestClaim_BoundedBySize(t *testing.T) {
	b := open(t, newPath(t), nil)
	for n := range 6 {
		it := item(n)
		it.Body = bytes.Repeat([]byte("x"), 5<<20)
		put(t, b, it)
	}
	huge := item(7)
	huge.Body = bytes.Repeat([]byte("x"), pageMaxBytes+1)
	put(t, b, huge)
	for _, want := range [][]int64{{1, 2, 3, 4}, {5, 6, 7}, {}} {
		if got := claim(t, b, 100); !cmp.Equal(want, got) {
			t.Errorf("claimed %v, want %v", got, want)
		}
	}
}

func TestReady(t *testing.T) {
	b := open(t, newPath(t), nil)
	waits := func(what string, want bool) {
		t.Helper()
		select {
		case <-b.Ready():
			if !want {
				t.Errorf("ready after %s", what)
			}
		case <-time.After(20 * time.Millisecond):
			if want {
				t.Errorf("not ready after %s", what)
			}
		}
	}
	waits("Open", true)
	put(t, b, item(1))
	waits("Put", true)
	b.Put(ctx, item(1))
	waits("Put of what is known", false)
	claim(t, b, 1)
	b.Release(1)
	waits("Release", true)
	settle(t, b, Done, "", 1)
	waits("Settle", false)
	b.Requeue(ctx, Filter{})
	waits("Requeue", true)
	q := item(2)
	q.Quarantine = "no"
	put(t, b, q)
	waits("Put of what is quarantined", false)
}

func TestSettle_LastWordCounts(t *testing.T) {
	b := open(t, newPath(t), nil)
	for n := range 5 {
		put(t, b, item(n))
	}
	settle(t, b, Done, "", 1, 2)
	settle(t, b, Done, "", 1, 2) // again
	settle(t, b, Skipped, "group", 2, 3)
	settle(t, b, Quarantined, "odd", 4)
	settle(t, b, Quarantined, "odder", 4)
	settle(t, b, Done, "", 77) // was never there
	s := stats(t, b)
	got := map[string]int64{"waiting": s.Waiting, "done": s.Done, "group": s.Skipped["group"], "quarantined": s.Quarantined}
	want := map[string]int64{"waiting": 1, "done": 1, "group": 2, "quarantined": 1}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("counts (-want +got):\n%s", d)
	}
	if err := b.Settle(ctx, []Outcome{{Seq: 5, State: 9}}); !errors.Is(err, ErrRefused) {
		t.Errorf("Settle with a state that is none = %v", err)
	}
	if got := stats(t, b).Waiting; got != 1 {
		t.Errorf("waiting %d after the refusal, want 1", got)
	}
}

func TestDismiss(t *testing.T) {
	b := open(t, newPath(t), nil)
	put(t, b, item(1))
	put(t, b, item(2))
	settle(t, b, Quarantined, "odd", 1)
	if err := b.Dismiss(ctx, 1, ""); err != nil {
		t.Fatal(err)
	}
	for _, seq := range []int64{1, 2, 3} {
		if err := b.Dismiss(ctx, seq, ""); !errors.Is(err, ErrNotQuarantined) {
			t.Errorf("Dismiss(%d) = %v, want ErrNotQuarantined", seq, err)
		}
	}
	s := stats(t, b)
	if s.Quarantined != 0 || s.Skipped["dismissed"] != 1 || s.Waiting != 1 {
		t.Errorf("quarantined %d, dismissed %d, waiting %d", s.Quarantined, s.Skipped["dismissed"], s.Waiting)
	}
}

func TestRange_Filter(t *testing.T) {
	c := newClock()
	b := open(t, newPath(t), func(cfg *Config) { cfg.Now = c.Now })
	start := c.ms()
	for n := range 100 { // one every 21 s: 35 minutes
		it := item(n)
		if n%3 == 2 {
			it.Server = "jkt"
		}
		put(t, b, it)
		c.move(21 * time.Second)
	}
	settle(t, b, Done, "", 1, 2, 3, 4)
	settle(t, b, Quarantined, "odd", 10, 50, 99)
	settle(t, b, Skipped, "group", 20)
	from := start + 21_000*9 // when seq 10 came
	to := start + 21_000*49  // when seq 50 came
	for _, x := range []struct {
		name string
		f    Filter
		want func(d *Delivery) bool
	}{
		{"all", Filter{}, func(*Delivery) bool { return true }},
		{"since", Filter{Since: from}, func(d *Delivery) bool { return d.Seq >= 10 }},
		{"until is not part of it", Filter{Until: to}, func(d *Delivery) bool { return d.Seq < 50 }},
		{"between", Filter{Since: from, Until: to}, func(d *Delivery) bool { return d.Seq >= 10 && d.Seq < 50 }},
		{"quarantined", Filter{States: []State{Quarantined}}, func(d *Delivery) bool { return d.State == Quarantined }},
		{"quarantined between", Filter{Since: from, Until: to, States: []State{Quarantined}},
			func(d *Delivery) bool { return d.Seq == 10 }},
		{"done or skipped", Filter{States: []State{Done, Skipped}}, func(d *Delivery) bool { return d.Seq < 5 || d.Seq == 20 }},
		{"waiting", Filter{States: []State{Waiting}}, func(d *Delivery) bool { return d.State == Waiting }},
		{"one session", Filter{Sessions: []string{"cs1"}}, func(d *Delivery) bool { return d.Session == "cs1" }},
		{"a session of a named server", Filter{Sessions: []string{"jkt.cs2", "cs0"}},
			func(d *Delivery) bool { return d.Session == "cs2" || d.Session == "cs0" }},
		{"a session by its bare name is not that of a named server", Filter{Sessions: []string{"cs2"}},
			func(d *Delivery) bool { return false }},
	} {
		want := []int64{}
		for _, d := range all(t, b, Filter{}) {
			if x.want(&d) {
				want = append(want, d.Seq)
			}
		}
		if d := cmp.Diff(want, seqs(all(t, b, x.f))); d != "" {
			t.Errorf("%s (-want +got):\n%s", x.name, d)
		}
	}
}

// TestPlans holds the queries that run all the time to the indexes they need:
// with millions of rows done they must stay cheap.
func TestPlans(t *testing.T) {
	b := open(t, newPath(t), nil)
	for _, x := range []struct{ name, query, want string }{
		{"requeued", selectAgain, "SEARCH settled USING COVERING INDEX settled_again (state=? AND rowid<?)"},
		{"fresh", selectFresh, "SEARCH b USING INTEGER PRIMARY KEY (rowid>?)|SEARCH s USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN"},
		{"one", selectWaitingOne, "SEARCH b USING INTEGER PRIMARY KEY (rowid=?)|SEARCH s USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN"},
		{"known", selectKnown, "SEARCH bodies USING COVERING INDEX bodies_key (near=? AND key=?)"},
		{"prunable", selectPrunable, "SEARCH b USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)|SCALAR SUBQUERY 1|SEARCH bodies|SEARCH s USING INTEGER PRIMARY KEY (rowid=?)"},
		{"recorded", selectRecorded, "SEARCH s USING INDEX settled_stored (at>? AND at<?)|SEARCH b USING INTEGER PRIMARY KEY (rowid=?)"},
		{"quarantined", selectQuarantined, "SEARCH s USING INDEX settled_quarantined (state=?)|SEARCH b USING INTEGER PRIMARY KEY (rowid=?)"},
	} {
		args := make([]any, strings.Count(x.query, "?"))
		for i := range args {
			args[i] = 1
		}
		rows, err := b.reader().Query("EXPLAIN QUERY PLAN "+x.query, args...)
		if err != nil {
			t.Fatalf("%s: %v", x.name, err)
		}
		var plan []string
		for rows.Next() {
			var id, parent, unused int
			var detail string
			if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
				t.Fatal(err)
			}
			plan = append(plan, detail)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(plan, "|"); got != x.want {
			t.Errorf("%s:\n got %s\nwant %s", x.name, got, x.want)
		}
	}
}
