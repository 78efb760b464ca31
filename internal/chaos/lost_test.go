package chaos

import (
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tandai/internal/inbox"
	"tandai/internal/mariadbtest"
	"tandai/internal/store"
	"tandai/internal/store/storetest"
)

// TestDatabaseForgets gives Tandai back a database from before the last batches,
// as one that lost its last second in a power cut: what the inbox still knows to
// have been recorded must be recorded again, under load, and although Tandai is
// killed at it.
func TestDatabaseForgets(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		n := newNode(t, setup{})
		old := t.TempDir()
		forgets(t, n, "", func() { copyFile(t, n.storeFile(), filepath.Join(old, "tandai.db")) }, func() {
			for _, suffix := range []string{"-wal", "-shm"} {
				if err := os.Remove(n.storeFile() + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
					t.Fatal(err)
				}
			}
			copyFile(t, filepath.Join(old, "tandai.db"), n.storeFile())
		})
	})
	t.Run("mariadb", func(t *testing.T) {
		t.Parallel()
		db := mariadbtest.Start(t)
		n := newNode(t, setup{database: db.URL(), more: quickRetry})
		data := database(t, n, db.URL()).Query(t, "SELECT @@datadir")[0][0]
		old := filepath.Join(t.TempDir(), "old")
		whileDown := func(do func() error) {
			if err := errors.Join(db.Stop(), do(), db.Restart()); err != nil {
				t.Fatal(err)
			}
		}
		forgets(t, n, db.URL(), func() {
			whileDown(func() error { return os.CopyFS(old, os.DirFS(data)) })
		}, func() {
			whileDown(func() error {
				all, err := filepath.Glob(filepath.Join(data, "*"))
				for _, f := range all {
					err = errors.Join(err, os.RemoveAll(f))
				}
				return errors.Join(err, os.CopyFS(data, os.DirFS(old)))
			})
		})
	})
}

// forgets runs the test; keep keeps a copy of a database nobody uses, and forget
// puts it back.
func forgets(t *testing.T, n *node, dsn string, keep, forget func()) {
	rng, _ := seeded(t)
	s := newStory(rng, cast{sessions: 3, people: 100})
	c := newCourier(t, rng, 16)
	d := newDoor()
	quiet := func(p *serve, stop func()) {
		stop()
		allAnswered(t, c)
		p.drained()
		d.lead("")
		p.stop()
	}
	p := n.serve(t)
	d.lead(p.url)
	stop := c.load(t, s, 500, to(d))
	time.Sleep(700 * time.Millisecond)
	quiet(p, stop)
	keep()

	p = n.serve(t)
	d.lead(p.url)
	stop = c.load(t, s, 500, to(d))
	time.Sleep(time.Second)
	quiet(p, stop)
	whole := rowsOf(t, n, dsn)
	forget()
	if left := rowsOf(t, n, dsn); left > whole-50 {
		t.Fatalf("the database had %d rows in its log and has %d: it forgot too little", whole, left)
	}

	// New events come at once, and two kills interrupt the healing.
	stop = c.load(t, s, 200, to(d))
	for range 2 {
		p = n.serve(t)
		d.lead(p.url)
		time.Sleep(upTo(rng, 400*time.Millisecond))
		p.kill()
		d.lead("")
	}
	p = n.serve(t)
	d.lead(p.url)
	if _, ok := p.log.wait("database is ready", p.ended, patience); !ok {
		t.Fatalf("the database is not ready:\n%s", p.log.tail(10))
	}
	c.finish(t, stop)
	p.drained()
	waitForHealing(t, n, dsn, s, c)
	p.stop()
	settle(t, n, dsn, s, c.sent(), map[*door]map[string]kept{d: readInbox(t, n.inboxFile())})
}

// rowsOf counts the rows of the log, and leaves no connection behind: the file
// may be about to be exchanged.
func rowsOf(t *testing.T, n *node, dsn string) (rows int) {
	t.Helper()
	db, err := open(n, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow("SELECT count(*) FROM label_events").Scan(&rows); err != nil {
		t.Fatal(err)
	}
	return rows
}

// waitForHealing waits until the tables hold everything that the inbox does. A
// message leaves no row of its own, so only all tables together tell.
func waitForHealing(t *testing.T, n *node, dsn string, s *story, c *courier) {
	t.Helper()
	byID := map[string]said{}
	for _, p := range c.sent() {
		byID[p.id] = p.said
	}
	var inputs []store.Input
	receipts := map[string][]int64{}
	for id, k := range readInbox(t, n.inboxFile()) {
		if in := byID[id].in; in != nil {
			inputs = append(inputs, *in)
			receipts[id] = []int64{k.receivedAt}
		}
	}
	h := database(t, n, dsn)
	for deadline := time.Now().Add(patience); ; time.Sleep(200 * time.Millisecond) {
		found := differences(t, h, s, inputs, receipts)
		if len(found) == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("not healed after %v: %s", patience, found[0])
		}
	}
}

// allAnswered waits until every parcel fed so far is acknowledged or forgotten.
func allAnswered(t *testing.T, c *courier) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		open := 0
		for _, p := range c.sent() {
			if !p.done.Load() {
				open++
			}
		}
		if open == 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d deliveries are still under way after %v", open, patience)
		}
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	text, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestLogRowsRemoved removes the newest rows of both logs behind Tandai's back
// while it is down; on its start it puts them back.
func TestLogRowsRemoved(t *testing.T) {
	t.Parallel()
	rng, _ := seeded(t)
	n := newNode(t, setup{})
	s := newStory(rng, cast{sessions: 3, people: 60})
	c := newCourier(t, rng, 16)
	d := newDoor()
	stop := c.load(t, s, 600, to(d))
	p := n.serve(t)
	d.lead(p.url)
	time.Sleep(1500 * time.Millisecond)
	c.finish(t, stop)
	p.drained()
	p.stop()
	in := readInbox(t, n.inboxFile())

	h := database(t, n, "")
	removed := removeNewest(t, h, rng, in)
	if r := n.run(t, "verify"); r.code != 1 {
		t.Errorf("verify with rows missing in the log: exit %d, want 1\n%s%s", r.code, r.out, r.errors)
	}
	p = n.serve(t)
	if _, ok := p.log.wait("database had lost events", p.ended, patience); !ok {
		t.Errorf("nothing says that the database had lost events:\n%s", p.log.tail(10))
	}
	if got := p.metric("tandai_pipeline_healed_total"); int(got) != removed {
		t.Errorf("tandai_pipeline_healed_total = %v, %d rows had been removed", got, removed)
	}
	p.stop()
	settle(t, n, "", s, c.sent(), map[*door]map[string]kept{d: in})
}

// removeNewest removes the newest tenth of what was observed.
func removeNewest(t *testing.T, h storetest.Harness, rng *rand.Rand, in map[string]kept) (removed int) {
	t.Helper()
	recorded := 0
	for _, k := range in {
		if k.state == inbox.Done {
			recorded++
		}
	}
	n := recorded/20 + rng.IntN(recorded/20)
	h.Exec(t, "DELETE FROM label_events WHERE seq IN (SELECT seq FROM label_events WHERE source = 'webhook' ORDER BY seq DESC LIMIT ?)", n)
	h.Exec(t, "DELETE FROM label_changes WHERE event_id IN (SELECT event_id FROM label_changes ORDER BY received_at DESC LIMIT 5)")
	return n + 5
}
