package inbox

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const day = 24 * time.Hour

func prune(t *testing.T, b *Inbox) int64 {
	t.Helper()
	n, err := b.Prune(ctx)
	if err != nil {
		t.Fatalf("Prune: %v", err)
	}
	return n
}

// recorded lists the seqs RecordedWithin gives, in pages of at most limit.
func recorded(t *testing.T, b *Inbox, d time.Duration, limit int) []int64 {
	t.Helper()
	list := []int64{}
	for page, err := range b.RecordedWithin(ctx, d, limit) {
		if err != nil {
			t.Fatalf("RecordedWithin: %v", err)
		}
		if len(page) == 0 || len(page) > limit {
			t.Fatalf("a page of %d", len(page))
		}
		list = append(list, seqs(page)...)
	}
	return list
}

func TestPrune(t *testing.T) {
	c := newClock()
	b := open(t, newPath(t), func(cfg *Config) { cfg.Now, cfg.Keep = c.Now, 30*day })
	for n := range 600 {
		it := item(n)
		if n == 4 {
			it.Quarantine = "odd"
		}
		put(t, b, it)
	}
	claimed := claim(t, b, 1000)
	settle(t, b, Done, "", claimed[:400]...)
	settle(t, b, Skipped, "group", claimed[400:590]...) // the last of claimed wait
	c.move(31 * day)
	if n := prune(t, b); n != 0 {
		t.Errorf("%d pruned: only the clock has moved, nothing came", n)
	}
	put(t, b, item(1000))
	settle(t, b, Done, "", claim(t, b, 10)...)
	if n := prune(t, b); n != 590 {
		t.Errorf("%d pruned, want 590", n)
	}
	if n := prune(t, b); n != 0 {
		t.Errorf("%d pruned the second time", n)
	}
	got := map[State]int{}
	for _, d := range all(t, b, Filter{}) {
		got[d.State]++
	}
	if d := cmp.Diff(map[State]int{Waiting: 9, Quarantined: 1, Done: 1}, got); d != "" {
		t.Errorf("what is left (-want +got):\n%s", d)
	}
	s := stats(t, b)
	if s.Received != 601 || s.Done != 401 || s.Skipped["group"] != 190 || s.Waiting != 9 || s.Quarantined != 1 {
		t.Errorf("the counts have not outlived the bodies: %+v", s)
	}
	// The key goes with the body; its seq is not given out again.
	put(t, b, item(0))
	if got := claim(t, b, 1000); !cmp.Equal(got, []int64{602}) {
		t.Errorf("claimed %v, want 602", got)
	}
}

func TestPrune_SeqIsNeverReused(t *testing.T) {
	c := newClock()
	b := open(t, newPath(t), func(cfg *Config) { cfg.Now, cfg.Keep = c.Now, day })
	for n := range 3 {
		put(t, b, item(n))
	}
	settle(t, b, Skipped, "group", 1, 2, 3)
	b.refusedAt.Store(math.MaxInt64)
	c.move(10 * day)
	if n := prune(t, b); n != 2 {
		t.Errorf("%d pruned, want all but the newest", n)
	}
	put(t, b, item(9))
	if got := claim(t, b, 9); !cmp.Equal(got, []int64{4}) {
		t.Errorf("claimed %v, want 4", got)
	}
}

func TestPrune_KeepsWhatHealsTheStore(t *testing.T) {
	c := newClock()
	b := open(t, newPath(t), func(cfg *Config) { cfg.Now, cfg.Keep = c.Now, time.Hour })
	for n := range 3 { // received long before they could be recorded
		put(t, b, item(n))
	}
	c.move(10 * time.Hour)
	settle(t, b, Done, "", 1)
	c.move(2 * time.Hour)
	settle(t, b, Done, "", 2)
	settle(t, b, Skipped, "group", 3)
	put(t, b, item(3))
	if n := prune(t, b); n != 2 {
		t.Errorf("%d pruned, want the one recorded hours ago and the skipped one", n)
	}
	if got := recorded(t, b, time.Hour, 10); !cmp.Equal(got, []int64{2}) {
		t.Errorf("recorded lately: %v, want 2", got)
	}
}

// TestClockJumps: a clock that jumps ahead while nothing comes, or comes back,
// neither prunes what it should not nor hides what was recorded last.
func TestClockJumps(t *testing.T) {
	c := newClock()
	b := open(t, newPath(t), func(cfg *Config) { cfg.Now, cfg.Keep = c.Now, 30*day })
	next := 0
	record := func(n int) {
		t.Helper()
		for range n {
			put(t, b, item(next))
			next++
		}
		settle(t, b, Done, "", claim(t, b, 100)...)
	}
	record(2) // 1, 2
	c.move(2 * time.Hour)
	record(2) // 3, 4
	if got := recorded(t, b, time.Hour, 1); !cmp.Equal(got, []int64{3, 4}) {
		t.Errorf("recorded within the last hour: %v, want 3 and 4", got)
	}
	c.move(400 * day) // the process was down, or the clock is wrong
	if got := recorded(t, b, time.Hour, 10); !cmp.Equal(got, []int64{3, 4}) {
		t.Errorf("after 400 days: %v, want 3 and 4", got)
	}
	if n := prune(t, b); n != 0 {
		t.Errorf("%d pruned by a clock 400 days ahead", n)
	}
	c.move(-400*day + 10*time.Minute)
	record(1) // 5
	c.move(400 * day)
	record(1) // 6, recorded a year ahead
	c.move(-400*day + 10*time.Minute)
	record(1) // 7, and the clock is right again
	if got := recorded(t, b, time.Hour, 2); !cmp.Equal(got, []int64{3, 4, 5, 7, 6}) {
		t.Errorf("recorded last, by the highest and by the latest clock: %v, want 3 4 5 7 6", got)
	}
	c.move(-3 * time.Hour) // a jump back of less than what is looked at, and more
	record(1)              // 8
	if got := recorded(t, b, time.Hour, 9); !cmp.Equal(got, []int64{8, 6}) {
		t.Errorf("after a jump back: %v, want 8 and 6", got)
	}
	if got := recorded(t, b, 500*day, 9); len(got) != 8 {
		t.Errorf("within 500 days: %v, want all", got)
	}
	s := stats(t, b)
	if s.Received != 8 || s.Done != 8 || s.Waiting != 0 {
		t.Errorf("stats %+v", s)
	}
	// What came by that clock is found by that clock.
	ahead := c.ms() + (300 * day).Milliseconds()
	if got := seqs(all(t, b, Filter{Since: ahead})); !cmp.Equal(got, []int64{6}) {
		t.Errorf("received 300 days ahead: %v, want 6", got)
	}
	if got := seqs(all(t, b, Filter{Until: ahead})); len(got) != 7 {
		t.Errorf("received before: %v, want all but 6", got)
	}
}

func TestRecordedWithin_ManyInOneMillisecond(t *testing.T) {
	c := newClock()
	b := open(t, newPath(t), func(cfg *Config) { cfg.Now = c.Now })
	for n := range 25 {
		put(t, b, item(n))
	}
	settle(t, b, Done, "", claim(t, b, 100)...)
	for _, limit := range []int{1, 5, 7, 25, 100} {
		if got := recorded(t, b, 0, limit); len(got) != 25 || got[24] != 25 {
			t.Errorf("pages of %d: %v", limit, got)
		}
	}
	if got := recorded(t, open(t, newPath(t), nil), time.Hour, 5); len(got) != 0 {
		t.Errorf("an empty inbox has recorded %v", got)
	}
}

func TestStats_Minutes(t *testing.T) {
	c := newClock()
	path := newPath(t)
	cfg := func(cfg *Config) { cfg.Now = c.Now }
	b := open(t, path, cfg)
	n := 0
	for minute := range 70 {
		for range minute % 4 {
			put(t, b, item(n))
			n++
		}
		c.move(time.Minute)
	}
	b.Put(ctx, item(0)) // known: not received again
	b.Close()
	b = open(t, path, cfg)
	got := stats(t, b).Minutes
	var want [60]int64
	for i := range want { // the clock stands at minute 70, the last slot
		if m := i + 11; m < 70 {
			want[i] = int64(m % 4)
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("per minute (-want +got):\n%s", d)
	}
	s := stats(t, b)
	if want := 69 * time.Minute; s.OldestWaitingAge != want {
		t.Errorf("the oldest waits for %v, want %v", s.OldestWaitingAge, want)
	}
	c.move(-100 * time.Minute)
	if s := stats(t, b); s.OldestWaitingAge != 0 {
		t.Errorf("by a clock set back the oldest waits for %v, want 0", s.OldestWaitingAge)
	}
}

func TestMinuteOf(t *testing.T) {
	for ms, want := range map[int64]int64{0: 0, 59_999: 0, 60_000: 1, -1: -1, -60_000: -1, -60_001: -2} {
		if got := minuteOf(ms); got != want {
			t.Errorf("minuteOf(%d) = %d, want %d", ms, got, want)
		}
	}
}
