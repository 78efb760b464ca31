package chaos

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"tandai/internal/mariadbtest"
)

// TestDatabaseAwayAtStart starts Tandai while its database is away, and with a
// password that is wrong.
func TestDatabaseAwayAtStart(t *testing.T) {
	t.Parallel()
	db := mariadbtest.Start(t)

	t.Run("away", func(t *testing.T) {
		if db.Stop() != nil {
			t.FailNow()
		}
		rng, _ := seeded(t)
		n := newNode(t, setup{database: db.URL(), more: quickRetry})
		s := newStory(rng, cast{sessions: 2, people: 20})
		c := newCourier(t, rng, 4)
		d := newDoor()
		stop := c.load(t, s, 300, to(d))
		p := n.serve(t)
		d.lead(p.url)
		takesWithout(t, n, p, c, "Nobody answers there")
		d.lead("")
		p.stop() // with nothing recorded yet

		p = n.serve(t)
		d.lead(p.url)
		takesWithout(t, n, p, c, "Nobody answers there")
		if db.Restart() != nil {
			t.FailNow()
		}
		c.finish(t, stop)
		p.drained()
		p.stop()
		settle(t, n, db.URL(), s, c.sent(), map[*door]map[string]kept{d: readInbox(t, n.inboxFile())})
	})

	t.Run("wrong password", func(t *testing.T) {
		if db.Restart() != nil {
			t.FailNow()
		}
		const right, wrong = "correct-horse/battery#1", "swordfish-is-secret"
		root := db.DSN(t)
		h := database(t, nil, root)
		h.Exec(t, "CREATE USER agency@'127.0.0.1' IDENTIFIED BY '"+right+"'")
		h.Exec(t, "GRANT ALL PRIVILEGES ON *.* TO agency@'127.0.0.1'")

		rng, _ := seeded(t)
		n := newNode(t, setup{database: as(t, root, "agency", wrong), more: quickRetry})
		s := newStory(rng, cast{sessions: 2, people: 20})
		c := newCourier(t, rng, 4)
		d := newDoor()
		stop := c.load(t, s, 300, to(d))
		p := n.serve(t)
		d.lead(p.url)
		takesWithout(t, n, p, c, "password is wrong")
		if text := p.log.text(); strings.Contains(text, wrong) {
			t.Errorf("the password is in the log:\n%s", text)
		}
		if r := n.run(t, "doctor"); strings.Contains(r.out+r.errors, wrong) {
			t.Errorf("doctor prints the password:\n%s%s", r.out, r.errors)
		}
		d.lead("")
		p.stop()

		n.configure(t, as(t, root, "agency", right), quickRetry)
		p = n.serve(t)
		d.lead(p.url)
		c.finish(t, stop)
		p.drained()
		if r := n.run(t, "doctor", "--url", p.url); r.code != 0 {
			t.Errorf("doctor with the right password: exit %d\n%s%s", r.code, r.out, r.errors)
		}
		p.stop()
		if text := p.log.text(); strings.Contains(text, right) {
			t.Errorf("the password is in the log:\n%s", text)
		}
		settle(t, n, root, s, c.sent(), map[*door]map[string]kept{d: readInbox(t, n.inboxFile())})
	})
}

// takesWithout checks that p takes what comes although it has no database, and
// that log, /readyz, metrics and doctor say so.
func takesWithout(t *testing.T, n *node, p *serve, c *courier, advice string) {
	t.Helper()
	before := c.answered(http.StatusOK)
	p.until("it takes deliveries without its database", patience, func(r readiness) bool {
		return r.code == http.StatusOK && r.Database == "away" && c.answered(http.StatusOK) > before+50
	})
	if _, ok := p.log.wait(`"level":"ERROR","msg":"database cannot be used`, p.ended, 5*time.Second); !ok {
		t.Errorf("no error in the log says that the database cannot be used:\n%s", p.log.tail(10))
	}
	if up := p.metric("tandai_database_up"); up != 0 {
		t.Errorf("tandai_database_up = %v without a database", up)
	}
	if r := n.run(t, "doctor"); r.code != 1 || !strings.Contains(r.out, advice) {
		t.Errorf("doctor: exit %d, want 1 and %q\n%s%s", r.code, advice, r.out, r.errors)
	}
}
