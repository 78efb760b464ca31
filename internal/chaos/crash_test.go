package chaos

import (
	"testing"
	"time"

	"tandai/internal/mariadbtest"
)

// TestKilled kills `tandai serve` with SIGKILL at random moments of a load and of
// its own start, again and again, and counts.
func TestKilled(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		killed(t, setup{}, "", rounds(20))
	})
	t.Run("mariadb", func(t *testing.T) {
		t.Parallel()
		dsn := mariadbtest.DSN(t)
		killed(t, setup{database: dsn}, dsn, rounds(10))
	})
}

// rounds is n, or a few of them in a short run.
func rounds(n int) int {
	if testing.Short() {
		return 4
	}
	return n
}

func killed(t *testing.T, with setup, dsn string, rounds int) {
	rng, _ := seeded(t)
	n := newNode(t, with)
	s := newStory(rng, cast{sessions: 3, people: 250})
	c := newCourier(t, rng, 24)
	d := newDoor()
	stop := c.load(t, s, 900, to(d))

	for round := range rounds {
		// Now and then one is killed on its way up, but not before there is a
		// schema: who holds its lock keeps others from it for half a minute.
		if round > 0 && rng.IntN(4) == 0 {
			p := n.launch(t)
			time.Sleep(upTo(rng, 150*time.Millisecond))
			p.kill()
			p.forgotNothing()
		}
		p := n.serve(t)
		d.lead(p.url)
		if round == 0 {
			p.until("the database is there", patience, func(r readiness) bool { return r.Database == "up" })
			p.log.wait("database is ready", p.ended, patience)
		}
		time.Sleep(100*time.Millisecond + upTo(rng, 600*time.Millisecond))
		p.kill()
		d.lead("")
		p.forgotNothing()
		// Whatever was acknowledged was so before its process ended.
		acknowledged(t, c.sent(), d, peek(t, n.inboxFile()))
	}

	p := n.serve(t)
	d.lead(p.url)
	c.finish(t, stop)
	p.drained()
	p.stop()
	p.forgotNothing()
	settle(t, n, dsn, s, c.sent(), map[*door]map[string]kept{d: readInbox(t, n.inboxFile())})
}

// TestKilled_Race is a little of TestKilled with the race detector in the
// program.
func TestKilled_Race(t *testing.T) {
	t.Parallel()
	killed(t, setup{bin: tandaiRace(t)}, "", 3)
}
