package chaos

import (
	"encoding/json"
	"testing"
)

// TestReplayEnds: a replay runs what was there when it began, and does not run
// after what goes on arriving.
func TestReplayEnds(t *testing.T) {
	t.Parallel()
	rng, _ := seeded(t)
	n := newNode(t, setup{more: "pipeline: {batch: 1}\n"}) // which makes it slower than the load
	s, c, d := newStory(rng, cast{sessions: 3, people: 60}), newCourier(t, rng, 8), newDoor()
	p := n.serve(t)
	d.lead(p.url)
	stop := c.load(t, s, 300, to(d))
	p.records()
	r := n.run(t, "replay", "--since", "1h", "--json")
	var done struct{ Bodies int }
	if err := json.Unmarshal([]byte(r.out), &done); r.code != 0 || err != nil {
		t.Fatalf("replay: exit %d, %v\n%s%s", r.code, err, r.out, r.errors)
	}
	stop()
	p.kill()
	if done.Bodies == 0 {
		t.Errorf("nothing was run again:\n%s%s", r.out, r.errors)
	}
}
