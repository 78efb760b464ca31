package chaos

import (
	"net"
	"net/http"
	"testing"
	"time"
)

// TestDatabaseSaysNothingAtStart gives Tandai a database that takes connections
// and never says a word: it is away, although nothing fails.
func TestDatabaseSaysNothingAtStart(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	rng, _ := seeded(t)
	n := newNode(t, setup{database: "mysql://tandai@" + silent.Addr().String() + "/tandai", more: quickRetry})
	s, c, d := newStory(rng, cast{sessions: 1, people: 20}), newCourier(t, rng, 4), newDoor()
	stop := c.load(t, s, 100, to(d))
	p := n.serve(t)
	d.lead(p.url)
	p.until("a database that says nothing is away", 30*time.Second, func(r readiness) bool {
		return r.code == http.StatusOK && r.Database == "away" && c.answered(http.StatusOK) > 50
	})
	if _, ok := p.log.wait(`"level":"ERROR","msg":"database cannot be used`, p.ended, 30*time.Second); !ok {
		t.Errorf("no error in the log says that the database cannot be used:\n%s", p.log.tail(10))
	}
	stop()
	d.lead("")
	p.stopWithin(40 * time.Second)
	acknowledged(t, c.sent(), d, readInbox(t, n.inboxFile()))
}
