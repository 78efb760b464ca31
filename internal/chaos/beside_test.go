package chaos

import (
	"strings"
	"testing"
	"time"

	"tandai/internal/mariadbtest"
)

// TestBesideServe runs the commands that promise to be safe while serving beside
// a loaded `tandai serve`, and kills some of them.
func TestBesideServe(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		besideServe(t, "")
	})
	t.Run("mariadb", func(t *testing.T) {
		t.Parallel()
		besideServe(t, mariadbtest.DSN(t))
	})
}

func besideServe(t *testing.T, dsn string) {
	rng, _ := seeded(t)
	n := newNode(t, setup{database: dsn, more: "pipeline: {batch: 100}\n"})
	s, c, d := newStory(rng, cast{sessions: 3, people: 60}), newCourier(t, rng, 8), newDoor()
	p := n.serve(t)
	d.lead(p.url)
	stop := c.load(t, s, 200, to(d))
	p.records()

	for _, args := range [][]string{
		{"verify"},
		{"rebuild"},
		{"replay", "--since", "1h"},
		{"export", "log", "--format", "jsonl"},
		{"rebuild"},
		{"verify"},
	} {
		if r := n.run(t, args...); r.code != 0 {
			t.Errorf("tandai %s beside serve: exit %d\n%s%s", strings.Join(args, " "), r.code, short(r.out, 2000), r.errors)
		}
	}
	for _, args := range [][]string{{"rebuild"}, {"replay", "--since", "1h"}} {
		cmd := n.command(args...)
		if err := start(cmd, 0); err != nil {
			t.Fatal(err)
		}
		time.Sleep(upTo(rng, 400*time.Millisecond))
		_ = cmd.Process.Kill() // it may be done already
		_ = cmd.Wait()
	}
	c.finish(t, stop)
	p.drained()
	p.stop()
	settle(t, n, dsn, s, c.sent(), map[*door]map[string]kept{d: readInbox(t, n.inboxFile())})
}
