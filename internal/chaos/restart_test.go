package chaos

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tandai/internal/mariadbtest"
)

// TestDatabaseComesBackOlder exchanges the database under a Tandai that runs and
// has nothing to do, so that no batch of its finds out: the server that answers
// afterwards lacks what its predecessor had taken, and gets it again.
func TestDatabaseComesBackOlder(t *testing.T) {
	t.Parallel()
	db := mariadbtest.Start(t)
	n := newNode(t, setup{database: db.URL(), more: quickRetry})
	data := database(t, n, db.URL()).Query(t, "SELECT @@datadir")[0][0]
	old := filepath.Join(t.TempDir(), "old")
	rng, _ := seeded(t)
	s := newStory(rng, cast{sessions: 2, people: 40})
	c, d := newCourier(t, rng, 8), newDoor()
	feed := func(p *serve) {
		stop := c.load(t, s, 300, to(d))
		time.Sleep(700 * time.Millisecond)
		stop()
		allAnswered(t, c)
		p.drained()
	}
	exchange := func(do func() error) {
		t.Helper()
		if err := errors.Join(db.Stop(), do(), db.Restart()); err != nil {
			t.Fatal(err)
		}
	}
	p := n.serve(t)
	d.lead(p.url)
	feed(p)
	d.lead("")
	p.stop()
	exchange(func() error { return os.CopyFS(old, os.DirFS(data)) })

	p = n.serve(t)
	d.lead(p.url)
	feed(p)
	time.Sleep(4 * time.Second) // or its start could not be told from the next one, to the second
	exchange(func() error {
		all, err := filepath.Glob(filepath.Join(data, "*"))
		for _, f := range all {
			err = errors.Join(err, os.RemoveAll(f))
		}
		return errors.Join(err, os.CopyFS(data, os.DirFS(old)))
	})
	if _, ok := p.log.wait("database had lost events", p.ended, patience); !ok {
		t.Fatalf("nothing says that the database had lost events:\n%s", p.log.tail(20))
	}
	waitForHealing(t, n, db.URL(), s, c)
	c.finish(t, func() {})
	p.stop()
	settle(t, n, db.URL(), s, c.sent(), map[*door]map[string]kept{d: readInbox(t, n.inboxFile())})
}
