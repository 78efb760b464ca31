package inbox

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

var errTest = errors.New("the disk is on fire")

func TestPut_CommitFails(t *testing.T) {
	path := newPath(t)
	b := open(t, path, nil)
	put(t, b, item(0))
	hook(t, b, hooks{beforeCommit: func() error { return errTest }})
	for range 3 {
		known, err := b.Put(ctx, item(1))
		if !errors.Is(err, ErrUnavailable) || !errors.Is(err, errTest) || known {
			t.Fatalf("Put = %v, %v; want it unavailable", known, err)
		}
	}
	if err := b.Settle(ctx, []Outcome{{Seq: 1, State: Done}}); !errors.Is(err, ErrUnavailable) {
		t.Errorf("Settle = %v, want it unavailable", err)
	}
	if err := b.Health(ctx); !errors.Is(err, ErrUnavailable) {
		t.Errorf("Health = %v, want it unavailable", err)
	}
	hook(t, b, hooks{})
	put(t, b, item(1))
	if err := b.Health(ctx); err != nil {
		t.Errorf("Health after recovery = %v", err)
	}
	if s := stats(t, b); s.Received != 2 || s.Waiting != 2 || s.Done != 0 {
		t.Errorf("received %d, waiting %d, done %d; want 2, 2, 0", s.Received, s.Waiting, s.Done)
	}
}

func TestPut_CommitFailsAfterItPersisted(t *testing.T) {
	b := open(t, newPath(t), nil)
	hook(t, b, hooks{afterCommit: func() error { return errTest }})
	if known, err := b.Put(ctx, item(1)); err == nil || known {
		t.Fatalf("Put = %v, %v; a commit that answered with an error was acknowledged", known, err)
	}
	hook(t, b, hooks{})
	if known, err := b.Put(ctx, item(1)); err != nil || !known {
		t.Errorf("the retry = known %v, %v; want it known", known, err)
	}
	if got := claim(t, b, 10); len(got) != 1 {
		t.Errorf("claimed %v, want it once", got)
	}
	hook(t, b, hooks{afterCommit: func() error { return errTest }})
	for range 2 {
		if err := b.Settle(ctx, []Outcome{{Seq: 1, State: Skipped, Reason: "group"}}); err == nil {
			t.Error("Settle was acknowledged")
		}
	}
	hook(t, b, hooks{})
	settle(t, b, Skipped, "group", 1)
	if s := stats(t, b); s.Skipped["group"] != 1 || s.Waiting != 0 {
		t.Errorf("skipped %d, waiting %d; want 1 and 0 although settled three times", s.Skipped["group"], s.Waiting)
	}
}

func TestPut_OneBadItemRefusesNoOther(t *testing.T) {
	b := open(t, newPath(t), nil)
	bad := item(13)
	hook(t, b, hooks{insert: func(it *Item) error {
		if it.Key == bad.Key {
			return errTest
		}
		return nil
	}})
	inside, leave := make(chan struct{}), make(chan struct{})
	once := sync.OnceFunc(func() { close(inside) }) // it runs again when each is tried alone
	go b.do(ctx, func(*writer) error { once(); <-leave; return nil })
	<-inside // so that all of them share a transaction
	var wg sync.WaitGroup
	errs := make([]error, 40)
	for n := range errs {
		wg.Go(func() { _, errs[n] = b.Put(ctx, item(n)) })
	}
	wg.Go(func() {
		if err := b.Settle(ctx, []Outcome{{Seq: 1, State: 42}}); !errors.Is(err, ErrRefused) {
			t.Errorf("Settle = %v, want it refused", err)
		}
	})
	time.Sleep(20 * time.Millisecond)
	close(leave)
	wg.Wait()
	for n, err := range errs {
		if (err != nil) != (n == 13) {
			t.Errorf("item %d: %v", n, err)
		}
	}
	if got := len(all(t, b, Filter{})); got != 39 {
		t.Errorf("%d bodies, want 39", got)
	}
}

// TestPut_AcceptedIsStoredOnce: whatever commits do, what was accepted is there
// exactly once, and what was not accepted can be sent again.
func TestPut_AcceptedIsStoredOnce(t *testing.T) {
	path := newPath(t)
	b := open(t, path, nil)
	var mu sync.Mutex
	rng := rand.New(rand.NewPCG(1, 2))
	chance := func(p float64) error {
		mu.Lock()
		defer mu.Unlock()
		if rng.Float64() < p {
			return errTest
		}
		return nil
	}
	hook(t, b, hooks{
		open:         func() error { return chance(0.03) },
		beforeCommit: func() error { return chance(0.2) },
		afterCommit:  func() error { return chance(0.2) },
		insert:       func(*Item) error { return chance(0.002) },
	})
	const items = 300
	accepted := make([]bool, items)
	answered := make([]int, items) // how often as new
	var wg sync.WaitGroup
	for k := range 32 {
		wg.Go(func() {
			for n := k % 16; n < items; n += 16 { // each item by two callers
				for try := 0; ; try++ {
					if try > 0 {
						time.Sleep(time.Millisecond)
					}
					known, err := b.Put(ctx, item(n))
					if err == nil {
						mu.Lock()
						accepted[n] = true
						if !known {
							answered[n]++
						}
						mu.Unlock()
						break
					}
					if try == 1 && n%5 == 0 {
						break // its sender gives up
					}
				}
			}
		})
	}
	wg.Wait()
	hook(t, b, hooks{})
	stored := map[[32]byte]int{}
	for _, d := range all(t, b, Filter{}) {
		stored[d.Key]++
	}
	for n := range items {
		if got := stored[item(n).Key]; got > 1 || accepted[n] && got == 0 {
			t.Errorf("item %d: accepted %v, stored %d times", n, accepted[n], got)
		}
		if answered[n] > 1 {
			t.Errorf("item %d was answered as new %d times", n, answered[n])
		}
	}
	if s := stats(t, b); s.Received != int64(len(stored)) || s.Waiting != s.Received {
		t.Errorf("received %d, waiting %d, stored %d", s.Received, s.Waiting, len(stored))
	}
}

func TestSizeLimit(t *testing.T) {
	c := newClock()
	b := open(t, newPath(t), func(cfg *Config) {
		cfg.Now = c.Now
		cfg.MaxBytes = 2 << 20
		cfg.Keep = 24 * time.Hour
	})
	n := 0
	fill := func() (accepted int) {
		t.Helper()
		for ; n < 100_000; n++ {
			it := item(n)
			it.Body = bytes.Repeat([]byte("x"), 10_000) // three pages
			_, err := b.Put(ctx, it)
			if errors.Is(err, ErrFull) && !errors.Is(err, ErrUnavailable) {
				return accepted
			}
			if err != nil {
				t.Fatal(err)
			}
			accepted++
		}
		t.Fatal("never full")
		return 0
	}
	accepted := fill()
	if accepted < 140 || accepted > 200 {
		t.Errorf("%d bodies of 10,000 bytes fit in 2 MiB", accepted)
	}
	if s := stats(t, b).Space; s.UsedBytes > s.LimitBytes+64<<10 || s.LimitBytes != 2<<20 {
		t.Errorf("%d bytes used of %d", s.UsedBytes, s.LimitBytes)
	}
	if known, err := b.Put(ctx, item(0)); err != nil || !known {
		t.Errorf("a full inbox says of what it has: known %v, %v", known, err)
	}
	// It can still be drained, and what was settled is pruned in its time.
	settle(t, b, Skipped, "group", claim(t, b, 10_000)...)
	c.move(25 * time.Hour)
	if pruned, err := b.Prune(ctx); pruned != 0 || err != nil {
		t.Errorf("Prune = %d, %v: nothing was received or refused since", pruned, err)
	}
	fill()
	pruned, err := b.Prune(ctx)
	if err != nil || pruned != int64(accepted-1) {
		t.Errorf("Prune = %d, %v; want all but the newest of %d", pruned, err, accepted)
	}
	if again := fill(); again < accepted*9/10 {
		t.Errorf("%d bodies fit after pruning, %d did before", again, accepted)
	}
}

func TestHealth_Full(t *testing.T) {
	b := open(t, newPath(t), func(cfg *Config) { cfg.MinFreeBytes = 1 << 60 })
	if _, err := b.Put(ctx, item(1)); !errors.Is(err, ErrFull) || !strings.Contains(err.Error(), "must stay free") {
		t.Errorf("Put = %v, want it full for want of free disk", err)
	}
	if err := b.Health(ctx); !errors.Is(err, ErrFull) {
		t.Errorf("Health = %v, want it full", err)
	}
	s := stats(t, b).Space
	if s.FreeAtLeast != 1<<60 || s.FreeBytes <= 0 {
		t.Errorf("space is %+v", s)
	}
}

func TestMinFree(t *testing.T) {
	for _, x := range []struct {
		name                   string
		configured, size, want int64
	}{
		{"configured", 7, 1 << 40, 7},
		{"none", -1, 1 << 40, 0},
		{"a large disk", 0, 1 << 40, 256 << 20},
		{"a small disk", 0, 100 << 20, 5 << 20},
	} {
		if got := minFree(x.configured, x.size); got != x.want {
			t.Errorf("%s: %d, want %d", x.name, got, x.want)
		}
	}
}

// TestFull_BySQLite lets SQLite itself run out of pages, as on a full disk.
func TestFull_BySQLite(t *testing.T) {
	b := open(t, newPath(t), nil)
	put(t, b, item(0))
	pages := func(n int) {
		t.Helper()
		if err := b.do(ctx, func(w *writer) error {
			_, err := w.conn.ExecContext(bg, fmt.Sprintf("PRAGMA max_page_count = %d", n))
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	pages(1) // SQLite makes it what the file has
	big := item(1)
	big.Body = bytes.Repeat([]byte("x"), 1<<20)
	for range 2 {
		if _, err := b.Put(ctx, big); !errors.Is(err, ErrFull) {
			t.Errorf("Put = %v, want it full", err)
		}
	}
	pages(1 << 30)
	put(t, b, big)
	if got := len(all(t, b, Filter{})); got != 2 {
		t.Errorf("%d bodies, want 2", got)
	}
}

func TestReadOnly_WhileOpen(t *testing.T) {
	b := open(t, newPath(t), nil)
	put(t, b, item(0))
	if err := b.do(ctx, func(w *writer) error {
		_, err := w.conn.ExecContext(bg, "PRAGMA query_only = 1")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Put(ctx, item(1)); !errors.Is(err, ErrReadOnly) || !errors.Is(err, ErrUnavailable) {
		t.Errorf("Put = %v, want it read-only", err)
	}
	put(t, b, item(1)) // another connection can write
}

func TestBusy_AnotherProcessHoldsTheLock(t *testing.T) {
	path := newPath(t)
	b := open(t, path, nil)
	put(t, b, item(0))
	b.do(ctx, func(w *writer) error {
		_, err := w.conn.ExecContext(bg, "PRAGMA busy_timeout = 20")
		return err
	})
	other, err := sql.Open("sqlite", dsn(path))
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	other.SetMaxOpenConns(1)
	if _, err := other.Exec("BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Put(ctx, item(1)); !errors.Is(err, ErrUnavailable) {
		t.Errorf("Put = %v, want it unavailable", err)
	}
	if _, err := other.Exec("ROLLBACK"); err != nil {
		t.Fatal(err)
	}
	put(t, b, item(1))
}

func TestOpen_Refuses(t *testing.T) {
	garbage := func(path string) error {
		return os.WriteFile(path, bytes.Repeat([]byte("not a database "), 1000), 0o600)
	}
	script := func(sqls ...string) func(string) error {
		return func(path string) error {
			db, err := sql.Open("sqlite", dsn(path))
			if err != nil {
				return err
			}
			defer db.Close()
			for _, s := range sqls {
				if _, err := db.Exec(s); err != nil {
					return err
				}
			}
			return nil
		}
	}
	mangled := func(path string) error {
		b, err := Open(ctx, Config{Path: path, MinFreeBytes: -1})
		if err != nil {
			return err
		}
		for n := range 200 {
			b.Put(ctx, item(n))
		}
		b.Close()
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			return err
		}
		defer f.Close()
		_, err = f.WriteAt(bytes.Repeat([]byte{0xa5}, 4096), 4096*5)
		return err
	}
	for _, x := range []struct {
		name string
		make func(path string) error
		want error
		text string
	}{
		{"garbage", garbage, ErrCorrupt, ""},
		{"a mangled page", mangled, ErrCorrupt, ""},
		{"another program's database", script("CREATE TABLE x(y)"), ErrNotInbox, "another program's"},
		{"a newer version", script(fmt.Sprintf("PRAGMA application_id = %d", applicationID), "PRAGMA user_version = 99"), ErrNotInbox, "version 99"},
		{"a folder", func(path string) error { return os.Mkdir(path, 0o700) }, ErrUnavailable, ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			path := newPath(t)
			if err := x.make(path); err != nil {
				t.Fatal(err)
			}
			b, err := Open(ctx, Config{Path: path, Log: slog.New(slog.DiscardHandler)})
			if err == nil {
				b.Close()
			}
			if !errors.Is(err, x.want) || !strings.Contains(fmt.Sprint(err), x.text) {
				t.Errorf("Open = %v, want %v with %q", err, x.want, x.text)
			}
		})
	}
	if _, err := Open(ctx, Config{}); err == nil {
		t.Error("Open without a path succeeds")
	}
}

func TestFileReplacedWhileOpen(t *testing.T) {
	path := newPath(t)
	var log bytes.Buffer
	b := open(t, path, func(cfg *Config) { cfg.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	put(t, b, item(0))
	claim(t, b, 10)
	for _, f := range []string{path, path + "-wal", path + "-shm"} {
		if err := os.Rename(f, filepath.Join(t.TempDir(), "x")); err != nil {
			t.Fatal(err)
		}
	}
	put(t, b, item(1))
	if !strings.Contains(log.String(), "removed or replaced") {
		t.Errorf("nothing is said about it:\n%s", log.String())
	}
	list, err := b.Claim(ctx, 10)
	if err != nil || len(list) != 1 || list[0].Key != item(1).Key {
		t.Errorf("Claim = %v, %v; want what is in the new file", list, err)
	}
	b.Close()
	if got := len(all(t, open(t, path, nil), Filter{})); got != 1 {
		t.Errorf("%d bodies at the path, want the acknowledged one", got)
	}
}

func TestTrouble_IsLoudButNotEndless(t *testing.T) {
	var log bytes.Buffer
	b := open(t, newPath(t), func(cfg *Config) { cfg.Log = slog.New(slog.NewTextHandler(&log, nil)) })
	hook(t, b, hooks{beforeCommit: func() error { return errTest }})
	for n := range 50 {
		b.Put(ctx, item(n))
	}
	hook(t, b, hooks{})
	put(t, b, item(100))
	b.Close()
	text := log.String()
	if n := strings.Count(text, "level=ERROR"); n != 1 {
		t.Errorf("%d errors logged for 50 failures within a moment, want 1", n)
	}
	for _, want := range []string{"inbox cannot write", errTest.Error(), "inbox is writing again"} {
		if !strings.Contains(text, want) {
			t.Errorf("the log lacks %q:\n%s", want, text)
		}
	}
}
