package chaos

import (
	"sync"
	"testing"
	"time"

	"tandai/internal/mariadbtest"
)

// TestKilledWhileMigrating kills Tandai while it makes its tables. MariaDB keeps
// what was made until then; the next start goes on from there.
func TestKilledWhileMigrating(t *testing.T) {
	t.Parallel()
	rng, _ := seeded(t)
	// Each on a database of its own, all at once: who was killed holds the lock
	// of its migration for half a minute.
	tries := 8
	if testing.Short() {
		tries = 2
	}
	var all sync.WaitGroup
	for range tries {
		dsn := mariadbtest.DSN(t)
		n := newNode(t, setup{database: dsn, more: quickRetry})
		h := database(t, n, dsn)
		p := n.launch(t)
		wait := upTo(rng, 80*time.Millisecond)
		for deadline := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
			if len(h.Query(t, "SHOW TABLES")) > 0 {
				break
			}
			if time.Now().After(deadline) {
				t.Fatalf("nothing is migrated:\n%s", p.log.tail(10))
			}
		}
		time.Sleep(wait)
		p.kill()
		left := len(h.Query(t, "SHOW TABLES"))

		p = n.serve(t)
		all.Go(func() {
			if _, ok := p.log.wait("database is ready", p.ended, patience); !ok {
				t.Errorf("killed with %d tables made, and not ready %v after the next start:\n%s", left, patience, p.log.tail(3))
				return
			}
			p.kill()
			n.verify(t)
		})
	}
	all.Wait()
}

// TestMigrationBegun: a version table without its first row, as a kill between
// the two leaves it, is no reason never to start again.
func TestMigrationBegun(t *testing.T) {
	t.Parallel()
	dsn := mariadbtest.DSN(t)
	n := newNode(t, setup{database: dsn, more: quickRetry})
	h := database(t, n, dsn)
	if r := n.run(t, "migrate"); r.code != 0 {
		t.Fatalf("migrate: exit %d\n%s%s", r.code, r.out, r.errors)
	}
	var drop []string
	for _, r := range h.Query(t, "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name <> 'goose_db_version'") {
		kind := "TABLE"
		if r[1] == "VIEW" {
			kind = "VIEW"
		}
		drop = append(drop, "DROP "+kind+" `"+r[0]+"`")
	}
	for _, q := range append(drop, "DELETE FROM goose_db_version") {
		h.Exec(t, q)
	}
	if r := n.run(t, "migrate"); r.code != 0 {
		t.Errorf("migrate after a kill at its first step: exit %d\n%s%s", r.code, r.out, r.errors)
	}
	n.verify(t)
}
