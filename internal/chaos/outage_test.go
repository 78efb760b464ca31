package chaos

import (
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"tandai/internal/mariadbtest"
)

// quickRetry makes tests with a database that comes back shorter.
const quickRetry = "pipeline: {retry_max: 1s}\n"

// away is how long a database stays away.
func away() time.Duration {
	if testing.Short() {
		return 3 * time.Second
	}
	return 20 * time.Second
}

// TestDatabaseKilled kills MariaDB in the middle of batches, thrice, the third
// time for a while, during which Tandai itself is killed too.
func TestDatabaseKilled(t *testing.T) {
	t.Parallel()
	rng, _ := seeded(t)
	db := mariadbtest.Start(t)
	n := newNode(t, setup{database: db.URL(), more: quickRetry})
	s := newStory(rng, cast{sessions: 3, people: 250})
	c := newCourier(t, rng, 16)
	d := newDoor()
	stop := c.load(t, s, 200, to(d))
	p := n.serve(t)
	d.lead(p.url)
	p.records()

	for range 2 {
		time.Sleep(300*time.Millisecond + upTo(rng, 500*time.Millisecond))
		if db.Kill() != nil || db.Restart() != nil {
			t.FailNow()
		}
		p.records()
	}

	if db.Kill() != nil {
		t.FailNow()
	}
	gone := time.Now()
	before := c.answered(http.StatusOK)
	p.until("the database is away", patience, func(r readiness) bool { return r.Database == "away" })
	if up := p.metric("tandai_database_up"); up != 0 {
		t.Errorf("tandai_database_up = %v while the database is away", up)
	}
	if _, ok := p.log.find("database is away"); !ok {
		t.Errorf("nothing in the log says that the database is away")
	}
	time.Sleep(away()/2 - time.Since(gone))
	d.lead("")
	p.kill()
	p.forgotNothing() // MariaDB was killed, but syncs its log with every commit
	p = n.serve(t)
	d.lead(p.url)
	for time.Since(gone) < away() {
		if r, err := p.ready(); err != nil || r.code != http.StatusOK && r.Inbox == "ok" {
			t.Fatalf("/readyz while the database is away = %+v, %v", r, err)
		}
		time.Sleep(100 * time.Millisecond)
	}
	waiting := p.until("the database is away", patience, func(r readiness) bool { return r.Database == "away" })
	if taken := c.answered(http.StatusOK) - before; taken < 100 || waiting.Waiting < int64(taken)/2 {
		t.Errorf("%d deliveries were taken while the database was away, %d wait", taken, waiting.Waiting)
	}
	if db.Restart() != nil {
		t.FailNow()
	}
	p.records()
	if up := p.metric("tandai_database_up"); up != 1 {
		t.Errorf("tandai_database_up = %v with the database back", up)
	}
	c.finish(t, stop)
	p.drained()
	p.stop()
	p.forgotNothing()
	if n := c.answered(http.StatusServiceUnavailable); n > 0 {
		t.Errorf("%d deliveries were answered 503 although only the database was away", n)
	}
	settle(t, n, db.URL(), s, c.sent(), map[*door]map[string]kept{d: readInbox(t, n.inboxFile())})
}

// TestDatabaseHangs stops MariaDB without ending it: connections stay open and
// nothing is answered.
func TestDatabaseHangs(t *testing.T) {
	t.Parallel()
	rng, _ := seeded(t)
	db := mariadbtest.Start(t)
	n := newNode(t, setup{database: db.URL(), more: quickRetry})
	s := newStory(rng, cast{sessions: 2, people: 50})
	c := newCourier(t, rng, 8)
	d := newDoor()
	stop := c.load(t, s, 200, to(d))
	p := n.serve(t)
	d.lead(p.url)
	p.records()

	server := processOf(t, n, db)
	if err := server.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Signal(syscall.SIGCONT) }) // or it could not be ended
	before := c.answered(http.StatusOK)
	p.until("a database that hangs is away", patience, func(r readiness) bool { return r.code == http.StatusOK && r.Database == "away" })
	// Nothing that hangs holds up the stop, and what is taken until then stays.
	started := time.Now()
	d.lead("")
	p.stopWithin(40 * time.Second)
	t.Logf("stopped in %v beside a database that hangs", time.Since(started).Round(time.Millisecond))
	if taken := c.answered(http.StatusOK) - before; taken < 50 {
		t.Errorf("%d deliveries were taken while the database hung", taken)
	}

	p = n.serve(t)
	d.lead(p.url)
	if err := server.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	c.finish(t, stop)
	p.drained()
	p.stop()
	settle(t, n, db.URL(), s, c.sent(), map[*door]map[string]kept{d: readInbox(t, n.inboxFile())})
}

// processOf is the process of a MariaDB.
func processOf(t *testing.T, n *node, db *mariadbtest.Server) *os.Process {
	t.Helper()
	row := database(t, n, db.URL()).Query(t, "SELECT @@datadir, @@pid_file")[0]
	file := row[1]
	if !filepath.IsAbs(file) {
		file = filepath.Join(row[0], file)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	p, err := os.FindProcess(pid)
	if err != nil {
		t.Fatal(err)
	}
	return p
}
