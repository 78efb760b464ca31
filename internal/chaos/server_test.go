package chaos

import (
	"net/http"
	"testing"
	"time"

	"tandai/internal/mariadbtest"
)

// TestDatabaseReadOnly makes MariaDB read-only under a load, as a failover does:
// it answers and takes nothing.
func TestDatabaseReadOnly(t *testing.T) {
	t.Parallel()
	rng, _ := seeded(t)
	db := mariadbtest.Start(t)
	h := database(t, nil, db.URL())
	h.Exec(t, "CREATE USER agency@'127.0.0.1' IDENTIFIED BY 'x'")
	h.Exec(t, "GRANT ALL PRIVILEGES ON tandai.* TO agency@'127.0.0.1'") // root may write all the same
	n := newNode(t, setup{database: as(t, db.URL(), "agency", "x"), more: quickRetry})
	s, c, d := newStory(rng, cast{sessions: 2, people: 50}), newCourier(t, rng, 8), newDoor()
	stop := c.load(t, s, 200, to(d))
	p := n.serve(t)
	d.lead(p.url)
	p.records()
	for range 2 {
		h.Exec(t, "SET GLOBAL read_only = 1")
		before := c.answered(http.StatusOK)
		p.until("a database that takes nothing is away", patience, func(r readiness) bool {
			return r.code == http.StatusOK && r.Database == "away" && c.answered(http.StatusOK) > before+50
		})
		h.Exec(t, "SET GLOBAL read_only = 0")
		p.records()
	}
	c.finish(t, stop)
	p.drained()
	p.stop()
	p.forgotNothing()
	settle(t, n, db.URL(), s, c.sent(), map[*door]map[string]kept{d: readInbox(t, n.inboxFile())})
}

// TestConnectionsKilled cuts the connections to MariaDB again and again: now and
// then in the middle of a commit, which may or may not have persisted.
func TestConnectionsKilled(t *testing.T) {
	t.Parallel()
	rng, _ := seeded(t)
	dsn := mariadbtest.DSN(t)
	n := newNode(t, setup{database: dsn, more: "pipeline: {batch: 50, retry_max: 100ms}\n"})
	s, c, d := newStory(rng, cast{sessions: 3, people: 100}), newCourier(t, rng, 16), newDoor()
	stop := c.load(t, s, 600, to(d))
	p := n.serve(t)
	d.lead(p.url)
	p.records()

	h := database(t, n, dsn)
	cut := 0
	for deadline := time.Now().Add(4 * time.Second); time.Now().Before(deadline); time.Sleep(upTo(rng, 40*time.Millisecond)) {
		for _, r := range h.Query(t, "SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID() AND command <> 'Sleep'") {
			if h.Try("KILL CONNECTION "+r[0]) == nil { // it may have ended by itself
				cut++
			}
		}
	}
	if cut < 5 {
		t.Errorf("only %d connections were cut at their work", cut)
	}
	c.finish(t, stop)
	p.drained()
	p.stop()
	p.forgotNothing()
	t.Logf("%d connections were cut at their work", cut)
	settle(t, n, dsn, s, c.sent(), map[*door]map[string]kept{d: readInbox(t, n.inboxFile())})
}
