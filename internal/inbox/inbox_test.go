package inbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var ctx = context.Background()

// clock is a clock that stands still unless moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.UnixMilli(1_795_399_261_337)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) ms() int64 { return c.Now().UnixMilli() }

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// open opens an inbox that is closed with the test; change may be nil.
func open(t testing.TB, path string, change func(*Config)) *Inbox {
	t.Helper()
	cfg := Config{Path: path, MinFreeBytes: -1, Log: slog.New(slog.DiscardHandler)}
	if change != nil {
		change(&cfg)
	}
	b, err := Open(ctx, cfg)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { b.Close() })
	return b
}

func newPath(t testing.TB) string { return filepath.Join(t.TempDir(), "inbox.db") }

// item makes a distinct Item from n.
func item(n int) Item {
	it := Item{Near: int64(1000 + n/3), Session: fmt.Sprintf("cs%d", n%3), Event: "label.chat.added",
		At: int64(5000 + n), Body: fmt.Appendf(nil, `{"n":%d,"pad":%q}`, n, strings.Repeat("x", 100))}
	copy(it.Key[:], fmt.Sprintf("key %d", n))
	return it
}

func put(t testing.TB, b *Inbox, it Item) {
	t.Helper()
	known, err := b.Put(ctx, it)
	if err != nil || known {
		t.Fatalf("Put = known %v, %v; want it stored", known, err)
	}
}

func claim(t testing.TB, b *Inbox, limit int) []int64 {
	t.Helper()
	list, err := b.Claim(ctx, limit)
	if err != nil {
		t.Fatalf("Claim: %v", err)
	}
	return seqs(list)
}

func seqs(list []Delivery) []int64 {
	out := []int64{}
	for _, d := range list {
		out = append(out, d.Seq)
	}
	return out
}

func settle(t testing.TB, b *Inbox, s State, reason string, seqs ...int64) {
	t.Helper()
	var out []Outcome
	for _, seq := range seqs {
		out = append(out, Outcome{Seq: seq, State: s, Reason: reason})
	}
	if err := b.Settle(ctx, out); err != nil {
		t.Fatalf("Settle: %v", err)
	}
}

func stats(t testing.TB, b *Inbox) Stats {
	t.Helper()
	s, err := b.Stats(ctx)
	if err != nil {
		t.Fatalf("Stats: %v", err)
	}
	return s
}

// all reads everything in the inbox.
func all(t testing.TB, b *Inbox, f Filter) []Delivery {
	t.Helper()
	var list []Delivery
	for after := int64(0); ; {
		page, next, err := b.Range(ctx, f, after, 100)
		if err != nil {
			t.Fatalf("Range: %v", err)
		}
		if len(page) == 0 {
			return list
		}
		list = append(list, page...)
		after = next
	}
}

// hook sets the hooks in the writer's own goroutine. The new ones may fail the
// very transaction that sets them, which is no matter.
func hook(t testing.TB, b *Inbox, h hooks) {
	t.Helper()
	set := false
	b.do(ctx, func(w *writer) error { w.b.hooks, set = h, true; return nil })
	if !set {
		t.Fatal("the hooks are not set")
	}
}

func TestInbox_RoundTrip(t *testing.T) {
	c := newClock()
	b := open(t, newPath(t), func(cfg *Config) { cfg.Now = c.Now })
	it := Item{Key: [32]byte{1, 2, 3}, Near: 77, Server: "jkt", Session: "hansarang_cs1", Event: "label.chat.added",
		At: 1795399261337, Body: []byte("{\"name\":\"🔥 Grade A\"}\x00\xff")}
	put(t, b, it)
	empty := Item{Key: [32]byte{9}}
	c.move(time.Second)
	put(t, b, empty)
	got, err := b.Claim(ctx, 10)
	if err != nil {
		t.Fatal(err)
	}
	at := newClock().ms()
	want := []Delivery{
		{Seq: 1, Key: it.Key, Server: "jkt", Session: "hansarang_cs1", Event: it.Event, At: it.At, ReceivedAt: at, Body: it.Body},
		{Seq: 2, Key: empty.Key, ReceivedAt: at + 1000},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("Claim (-want +got):\n%s", d)
	}
	if got, want := got[0].SessionName(), "jkt.hansarang_cs1"; got != want {
		t.Errorf("SessionName = %q, want %q", got, want)
	}
}

func TestPut_DuplicateIsKnownInEveryState(t *testing.T) {
	b := open(t, newPath(t), nil)
	for n := range 4 {
		put(t, b, item(n))
	}
	settle(t, b, Done, "", 2)
	settle(t, b, Skipped, "group", 3)
	settle(t, b, Quarantined, "no label id", 4)
	for n := range 4 {
		it := item(n)
		it.Body = []byte("another body")
		known, err := b.Put(ctx, it)
		if err != nil || !known {
			t.Errorf("item %d: Put = known %v, %v; want known", n, known, err)
		}
	}
	if got := stats(t, b).Received; got != 4 {
		t.Errorf("received %d, want 4", got)
	}
}

func TestPut_SameKeyAtOnce(t *testing.T) {
	b := open(t, newPath(t), nil)
	const keys, callers = 50, 8
	var mu sync.Mutex
	stored := map[int]int{}
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			for n := range keys {
				known, err := b.Put(ctx, item(n))
				if err != nil {
					t.Error(err)
				}
				if !known {
					mu.Lock()
					stored[n]++
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	for n := range keys {
		if stored[n] != 1 {
			t.Errorf("item %d was answered as new %d times, want once", n, stored[n])
		}
	}
	if got := len(all(t, b, Filter{})); got != keys {
		t.Errorf("%d bodies, want %d", got, keys)
	}
}

func TestPut_Quarantined(t *testing.T) {
	b := open(t, newPath(t), nil)
	it := item(1)
	it.Quarantine = "the body is not JSON: " + strings.Repeat("ß", reasonMax)
	put(t, b, it)
	put(t, b, item(2))
	if got, want := claim(t, b, 10), []int64{2}; !cmp.Equal(got, want) {
		t.Errorf("claimed %v, want %v: what is quarantined does not wait", got, want)
	}
	list, err := b.Quarantined(ctx, 10)
	if err != nil || len(list) != 1 {
		t.Fatalf("Quarantined = %v, %v; want one", list, err)
	}
	d := list[0]
	if d.State != Quarantined || !strings.HasPrefix(it.Quarantine, d.Reason) || len(d.Reason) > reasonMax || len(d.Reason) < reasonMax-1 {
		t.Errorf("state %v with a reason of %d bytes", d.State, len(d.Reason))
	}
	if s := stats(t, b); s.Quarantined != 1 || s.Waiting != 1 {
		t.Errorf("quarantined %d, waiting %d; want 1 and 1", s.Quarantined, s.Waiting)
	}
}

func TestPut_CancelledWhileItWaits(t *testing.T) {
	b := open(t, newPath(t), nil)
	inside, leave := make(chan struct{}), make(chan struct{})
	go b.do(ctx, func(*writer) error { close(inside); <-leave; return nil })
	<-inside
	cctx, cancel := context.WithCancel(ctx)
	answered := make(chan error)
	go func() { _, err := b.Put(cctx, item(1)); answered <- err }()
	for {
		b.queue.mu.Lock()
		n := len(b.queue.reqs)
		b.queue.mu.Unlock()
		if n == 1 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	cancel()
	if err := <-answered; !errors.Is(err, context.Canceled) {
		t.Errorf("Put = %v, want it cancelled before the writer is free", err)
	}
	close(leave)
	put(t, b, item(2))
	if got := len(all(t, b, Filter{})); got != 1 {
		t.Errorf("%d bodies, want the cancelled one left out", got)
	}
	if _, err := b.Put(cctx, item(3)); !errors.Is(err, context.Canceled) {
		t.Errorf("Put with an ended context = %v", err)
	}
}

func TestClose(t *testing.T) {
	path := newPath(t)
	b := open(t, path, nil)
	var wg sync.WaitGroup
	var mu sync.Mutex
	accepted := 0
	for n := range 200 {
		wg.Go(func() {
			_, err := b.Put(ctx, item(n))
			switch {
			case err == nil:
				mu.Lock()
				accepted++
				mu.Unlock()
			case !errors.Is(err, ErrClosed) || !errors.Is(err, ErrUnavailable):
				t.Errorf("Put while closing = %v", err)
			}
		})
	}
	if err := b.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	wg.Wait()
	if err := b.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
	if _, err := b.Claim(ctx, 1); err == nil {
		t.Error("Claim after Close succeeds")
	}
	if err := b.Settle(ctx, []Outcome{{Seq: 1, State: Done}}); !errors.Is(err, ErrClosed) {
		t.Errorf("Settle after Close = %v", err)
	}
	if _, err := os.Stat(path + "-wal"); err == nil {
		t.Error("the log is left behind")
	}
	if got := len(all(t, open(t, path, nil), Filter{})); got != accepted {
		t.Errorf("%d bodies after reopening, %d were accepted", got, accepted)
	}
}

func TestOpen_AnyPath(t *testing.T) {
	for _, name := range []string{"a b", "50%41?x=1#y", "ünïcode 🔥", "&_pragma=synchronous(off)", "'quoted\""} {
		dir := filepath.Join(t.TempDir(), name, "deeper")
		b := open(t, filepath.Join(dir, "inbox.db"), nil)
		put(t, b, item(1))
		info, err := os.Stat(filepath.Join(dir, "inbox.db"))
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("%q: the file has mode %o, want 600: it holds phone numbers", name, mode)
		}
		var sync, journal string
		b.do(ctx, func(w *writer) error {
			w.conn.QueryRowContext(ctx, "PRAGMA synchronous").Scan(&sync)
			return w.conn.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&journal)
		})
		if sync != "2" || journal != "wal" {
			t.Errorf("%q: synchronous %s, journal %s; want 2 (FULL) and wal", name, sync, journal)
		}
		b.Close()
	}
}

func TestOpen_TwoAtOnceOnANewFile(t *testing.T) {
	path := newPath(t)
	var wg sync.WaitGroup
	for n := range 4 {
		wg.Go(func() {
			b, err := Open(ctx, Config{Path: path, MinFreeBytes: -1, Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Errorf("Open: %v", err)
				return
			}
			defer b.Close()
			if _, err := b.Put(ctx, item(n)); err != nil {
				t.Errorf("Put: %v", err)
			}
		})
	}
	wg.Wait()
	if got := len(all(t, open(t, path, nil), Filter{})); got != 4 {
		t.Errorf("%d bodies, want 4", got)
	}
}
