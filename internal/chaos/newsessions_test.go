package chaos

import (
	"testing"
	"time"

	"tandai/internal/mariadbtest"
)

// TestTwoServers_NewSessions lets two servers see many sessions for the first
// time at once: each must get its view.
func TestTwoServers_NewSessions(t *testing.T) {
	t.Parallel()
	dsn := mariadbtest.DSN(t)
	rng, _ := seeded(t)
	a, b := newNode(t, setup{database: dsn}), newNode(t, setup{database: dsn})
	doors := []*door{newDoor(), newDoor()}
	s := newStory(rng, cast{sessions: 20, people: 5})
	c := newCourier(t, rng, 24)
	nodes, serves := []*node{a, b}, []*serve{a.serve(t), b.serve(t)}
	for i, p := range serves {
		p.log.wait("database is ready", p.ended, patience)
		doors[i].lead(p.url)
	}
	both := func(said) []*door { return doors }
	stop := c.load(t, s, 400, both)
	time.Sleep(time.Second)
	c.finish(t, stop)
	inboxes := map[*door]map[string]kept{}
	for i, p := range serves {
		p.drained()
		p.stop()
		inboxes[doors[i]] = readInbox(t, nodes[i].inboxFile())
	}
	settle(t, a, dsn, s, c.sent(), inboxes)
}
