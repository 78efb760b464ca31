package chaos

import (
	"encoding/json"
	"testing"
	"time"
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
	time.Sleep(300 * time.Millisecond)
	r := n.run(t, "replay", "--since", "1h", "--json")
	var done struct{ Bodies int }
	if err := json.Unmarshal([]byte(r.out), &done); r.code != 0 || err != nil {
		t.Fatalf("replay: exit %d, %v\n%s%s", r.code, err, r.out, r.errors)
	}
	stop()
	p.kill()
	if in := peek(t, n.inboxFile()); done.Bodies == 0 || done.Bodies > len(in)*3/4 {
		t.Errorf("%d bodies were run again; %d had come in all, most of them after the replay began", done.Bodies, len(in))
	}
}
