package chaos

import (
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"tandai/internal/inbox"
	"tandai/internal/intake"
	"tandai/internal/pipeline"
	"tandai/internal/store"
	"tandai/internal/store/sqlite"
	"tandai/internal/waha"
)

// A binary without cgo asks the kernel for the time and cannot be lied to from
// outside, so these tests put the parts together themselves, around a clock of
// their own.

// clock is a clock that runs and can be set.
type clock struct{ off atomic.Int64 }

func (c *clock) now() time.Time         { return time.Now().Add(time.Duration(c.off.Load())) }
func (c *clock) set(from time.Duration) { c.off.Store(int64(from)) } // so far from the right time

// house is a Tandai in this process: door, inbox, pipeline, SQLite.
type house struct {
	inbox *inbox.Inbox
	store store.Store
	door  *httptest.Server
	pipe  *pipeline.Pipeline
	stop  func()
}

// openHouse opens one in n's folder. The pipeline runs once run is called.
func openHouse(t *testing.T, n *node, c *clock) *house {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	in, err := inbox.Open(t.Context(), inbox.Config{Path: n.inboxFile(), MinFreeBytes: -1, Keep: 72 * time.Hour, Now: c.now, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	db, err := sqlite.Open(sqlite.Config{Path: n.storeFile(), Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := db.Configure(t.Context(), store.Settings{Zone: "Asia/Jakarta"}); err != nil {
		t.Fatal(err)
	}
	door, err := intake.New(intake.Config{Servers: []intake.Server{{Keys: waha.Keys{[]byte(hmacKey)}}}, Inbox: in, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	h := &house{inbox: in, store: db, door: httptest.NewServer(door), stop: func() {}}
	h.pipe = pipeline.New(pipeline.Config{Inbox: in, Store: db, Now: c.now, Log: log})
	t.Cleanup(func() { h.close(t) })
	return h
}

// run lets the pipeline run until the house is closed.
func (h *house) run(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- h.pipe.Run(ctx) }()
	h.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}
}

func (h *house) close(t *testing.T) {
	t.Helper()
	h.stop()
	h.stop = func() {}
	h.door.Close()
	if err := errors.Join(h.inbox.Close(), h.store.Close()); err != nil {
		t.Error(err)
	}
}

// drained waits until nothing waits any more.
func (h *house) drained(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		s, err := h.inbox.Stats(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if s.OldestWaitingAge < 0 {
			t.Fatalf("the oldest body waits for %v", s.OldestWaitingAge)
		}
		if s.Waiting == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d bodies still wait", s.Waiting)
		}
	}
}

// TestClockJumps sets the clock back and forth between and under deliveries,
// loses the database's last batches by a wrong clock, and prunes by another.
func TestClockJumps(t *testing.T) {
	t.Parallel()
	rng, _ := seeded(t)
	n := newNode(t, setup{})
	s, c, d := newStory(rng, cast{sessions: 3, people: 60}), newCourier(t, rng, 8), newDoor()
	clk := &clock{}
	feed := func(n int) {
		for range n {
			c.add(&parcel{said: s.next(), door: d})
		}
		allAnswered(t, c)
	}

	// Received by the right clock, recorded by one that is ten days behind: what
	// happened is then in the future, and is recorded all the same.
	h := openHouse(t, n, clk)
	d.lead(h.door.URL)
	feed(300)
	clk.set(-240 * time.Hour)
	h.run(t)
	h.drained(t)

	// Back and forth while it comes.
	for _, at := range []time.Duration{0, -26 * time.Hour, 3 * time.Hour, -time.Minute, 0} {
		clk.set(at)
		feed(60)
	}
	h.drained(t)
	h.close(t)
	old := filepath.Join(t.TempDir(), "tandai.db")
	copyFile(t, n.storeFile(), old)

	// The database forgets what was recorded by a clock an hour behind, and is
	// opened by one that is right again.
	clk.set(-time.Hour)
	h = openHouse(t, n, clk)
	d.lead(h.door.URL)
	h.run(t)
	feed(200)
	h.drained(t)
	h.close(t)
	copyFile(t, old, n.storeFile())
	clk.set(0)
	h = openHouse(t, n, clk)
	d.lead(h.door.URL)
	checked, again, err := h.pipe.Heal(t.Context())
	if err != nil || again == 0 {
		t.Errorf("healing after the clock was set right: %d checked, %d recorded again, %v", checked, again, err)
	}

	// A clock far ahead must not prune what a right one would keep.
	clk.set(30 * 24 * time.Hour)
	if pruned, err := h.inbox.Prune(t.Context()); err != nil || pruned != 0 {
		t.Errorf("a clock a month ahead pruned %d bodies, %v", pruned, err)
	}
	clk.set(0)
	h.run(t)
	feed(100)
	c.finish(t, func() {})
	h.drained(t)
	h.close(t)

	// The views are the only thing a serve would make at its start.
	p := n.serve(t)
	p.log.wait("database is ready", p.ended, patience)
	p.drained()
	p.stop()
	settle(t, n, "", s, c.sent(), map[*door]map[string]kept{d: readInbox(t, n.inboxFile())})
}
