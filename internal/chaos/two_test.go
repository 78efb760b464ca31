package chaos

import (
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"tandai/internal/label"
	"tandai/internal/lead"
	"tandai/internal/mariadbtest"
)

// TestTwoServers lets two processes with inboxes of their own record into one
// MariaDB what happens to the same people in the same sessions at the same time,
// and kills one of them in the middle.
func TestTwoServers(t *testing.T) {
	t.Parallel()
	load := 6 * time.Second
	if testing.Short() {
		load = 2 * time.Second
	}
	twoServers(t, tandai(t), load, 400)
}

// TestTwoServers_Race is a little of it with the race detector in the program.
func TestTwoServers_Race(t *testing.T) {
	t.Parallel()
	twoServers(t, tandaiRace(t), 2*time.Second, 100)
}

func twoServers(t *testing.T, bin string, load time.Duration, rate int) {
	dsn := mariadbtest.DSN(t)
	rng, _ := seeded(t)
	// Small batches interleave more; few people are in each other's way more.
	with := setup{bin: bin, database: dsn, more: "pipeline: {batch: 40, retry_max: 1s}\n"}
	a, b := newNode(t, with), newNode(t, with)
	doors := []*door{newDoor(), newDoor()}
	s := newStory(rng, cast{sessions: 3, people: 60})
	c := newCourier(t, rng, 24)
	stop := c.load(t, s, rate, interleaved(rng, doors))

	// Both are started on an empty database at once: one migrates it.
	nodes := []*node{a, b}
	serves := []*serve{a.launch(t), b.launch(t)}
	for i, p := range serves {
		p.open()
		doors[i].lead(p.url)
	}
	for _, p := range serves { // who is killed at it keeps the other from it for half a minute
		if _, ok := p.log.wait("database is ready", p.ended, patience); !ok {
			t.Fatalf("the database is not ready:\n%s", p.log.tail(10))
		}
	}
	for range 3 {
		time.Sleep(load/6 + upTo(rng, load/6))
		i := rng.IntN(2)
		serves[i].kill()
		doors[i].lead("")
		acknowledged(t, c.sent(), doors[i], peek(t, nodes[i].inboxFile()))
		time.Sleep(upTo(rng, load/6))
		serves[i] = nodes[i].serve(t)
		doors[i].lead(serves[i].url)
	}
	c.finish(t, stop)
	inboxes := map[*door]map[string]kept{}
	for _, p := range serves {
		p.drained()
	}
	for i, p := range serves {
		p.stop()
		inboxes[doors[i]] = readInbox(t, nodes[i].inboxFile())
	}
	settle(t, a, dsn, s, c.sent(), inboxes)
}

// interleaved sends what belongs together to different doors: adds to one and
// removals to the other, a hidden id's events to one and the message that tells
// whose it is to the other, deletions of labels here and what is added after
// them there. One in ten goes to both, and now and then the two change places.
func interleaved(rng *rand.Rand, doors []*door) route {
	var mu sync.Mutex
	rng = rand.New(rand.NewPCG(rng.Uint64(), 2))
	swapped := 0
	return func(d said) []*door {
		mu.Lock()
		defer mu.Unlock()
		if rng.IntN(300) == 0 {
			swapped = 1 - swapped
		}
		if rng.IntN(10) == 0 {
			return doors
		}
		first := false
		switch {
		case d.in == nil:
			first = rng.IntN(2) == 0
		case d.in.Event != nil && rng.IntN(4) != 0:
			first = d.in.Event.Status == label.Added
		case d.in.Event != nil:
			first = lead.IsHidden(lead.OfChat(d.in.Event.ChatID))
		case d.in.Change != nil:
			first = !d.in.Change.Deleted
		case d.in.Pair != nil:
			first = false
		default:
			first = rng.IntN(2) == 0
		}
		if first == (swapped == 0) {
			return doors[:1]
		}
		return doors[1:]
	}
}
