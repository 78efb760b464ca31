package chaos

import (
	"os"
	"testing"
)

// TestInboxTruncatedWhileRunning cuts the file off under a running Tandai whose
// database is away. What it acknowledges from then on must be there for the next
// process, or it must not acknowledge.
func TestInboxTruncatedWhileRunning(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		name string
		left func(size int64) int64
	}{
		{"to nothing", func(int64) int64 { return 0 }},
		{"to a half", func(size int64) int64 { return size / 2 / 4096 * 4096 }},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			rng, _ := seeded(t)
			n := newNode(t, setup{database: "mysql://nobody@127.0.0.1:1/nowhere"})
			s, c, d := newStory(rng, cast{sessions: 2, people: 40}), newCourier(t, rng, 8), newDoor()
			sc := &scene{n, s, c, d}
			p := n.serve(t)
			d.lead(p.url)
			sc.feed(300)
			allAnswered(t, c)
			d.lead("")
			p.stop() // which moves the log into the file
			p = n.serve(t)
			d.lead(p.url)
			sc.feed(50)
			allAnswered(t, c)

			info, err := os.Stat(n.inboxFile())
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Truncate(n.inboxFile(), x.left(info.Size())); err != nil {
				t.Fatal(err)
			}
			before := len(c.sent())
			sc.try(300)
			allAnswered(t, c)
			if _, ok := p.log.find(`"level":"ERROR","msg":"inbox cannot write`); !ok {
				t.Errorf("nothing in the log says that the inbox is damaged:\n%s", p.log.tail(10))
			}
			d.lead("")
			p.kill()
			p = n.serve(t)
			p.until("the inbox is open, or refuses", patience, func(r readiness) bool { return r.Inbox != "" })
			r := p.until("the inbox is looked at", patience, func(readiness) bool { return true })
			p.kill()
			taken := 0
			for _, p := range c.sent()[before:] {
				if p.acked.Load() {
					taken++
				}
			}
			t.Logf("%d of 300 deliveries were acknowledged after the file was cut off; the next process says %q", taken, r.Inbox)
			if taken > 0 {
				acknowledged(t, c.sent()[before:], d, readInbox(t, n.inboxFile()))
			}
		})
	}
}
