package chaos

import (
	"net/http"
	"testing"
	"time"

	"tandai/internal/mariadbtest"
)

// TestDatabaseHangsAtCommit lets the database fall silent when it is told to
// commit, which a driver may not be able to give up waiting for.
func TestDatabaseHangsAtCommit(t *testing.T) {
	t.Parallel()
	rng, _ := seeded(t)
	dsn := mariadbtest.DSN(t)
	proxy, through := between(t, dsn)
	n := newNode(t, setup{database: through, more: quickRetry})
	s, c, d := newStory(rng, cast{sessions: 2, people: 50}), newCourier(t, rng, 8), newDoor()
	stop := c.load(t, s, 100, to(d))
	p := n.serve(t)
	d.lead(p.url)
	p.records()

	proxy.mode.Store(hangsAtCommit)
	before := c.answered(http.StatusOK)
	p.until("a database that hangs is away", patience, func(r readiness) bool {
		return r.code == http.StatusOK && r.Database == "away" && c.answered(http.StatusOK) > before+20
	})
	if proxy.commits.Load() == 0 {
		t.Error("nothing was committed")
	}
	d.lead("")
	started := time.Now()
	p.stopWithin(40 * time.Second)
	t.Logf("stopped in %v", time.Since(started).Round(time.Millisecond))

	proxy.mode.Store(passes)
	proxy.cut()
	p = n.serve(t)
	d.lead(p.url)
	c.finish(t, stop)
	p.drained()
	p.stop()
	settle(t, n, dsn, s, c.sent(), map[*door]map[string]kept{d: readInbox(t, n.inboxFile())})
}

// TestCommitAnswersLost cuts the connection when a commit has been done and
// before that is said: what is in doubt is done again, and stays one.
func TestCommitAnswersLost(t *testing.T) {
	t.Parallel()
	rng, _ := seeded(t)
	dsn := mariadbtest.DSN(t)
	proxy, through := between(t, dsn)
	n := newNode(t, setup{database: through, more: "pipeline: {batch: 50, retry_max: 100ms}\n"})
	s, c, d := newStory(rng, cast{sessions: 3, people: 100}), newCourier(t, rng, 16), newDoor()
	stop := c.load(t, s, 300, to(d))
	p := n.serve(t)
	d.lead(p.url)
	p.records()
	proxy.mode.Store(losesTheAnswer)
	time.Sleep(3 * time.Second)
	proxy.mode.Store(passes)
	c.finish(t, stop)
	p.drained()
	p.stop()
	p.forgotNothing()
	lost := proxy.commits.Load() / 2
	if lost < 3 {
		t.Errorf("only %d answers were lost", lost)
	}
	t.Logf("%d commits were done whose answer was lost", lost)
	settle(t, n, dsn, s, c.sent(), map[*door]map[string]kept{d: readInbox(t, n.inboxFile())})
}
