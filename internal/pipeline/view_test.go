package pipeline

import (
	"context"
	"errors"
	"strings"
	"testing"

	"tandai/internal/store"
)

func (w *world) views() []string {
	return w.rows("SELECT session, view_name FROM session_registry ORDER BY session")
}

// TestViewsOfNewSessions: a session's view is there soon after its first event,
// whatever that is.
func TestViewsOfNewSessions(t *testing.T) {
	for _, on := range engines {
		t.Run(on.name, func(t *testing.T) {
			w := newWorld(t, on)
			w.start()
			w.receive(mark("satu", "6281299900011@c.us", "1", true, 1))
			w.until("the first view is made", func() bool { return w.db.Try("SELECT * FROM labeling_satu") == nil })
			w.receive(envelope("evt_2", map[string]string{"event": `"session.status"`, "session": `"dua"`, "payload": `{"status":"WORKING"}`}))
			w.until("the second view is made", func() bool { return w.db.Try("SELECT * FROM labeling_dua") == nil })
			w.same("entries", []string{"dua | labeling_dua", "satu | labeling_satu"}, w.views())
			w.same("its rows", []string{"1795399261338 | satu | 6281234500001 | 6281299900011 | 1 |  | add_label"}, w.rows("SELECT * FROM labeling_satu"))
			w.same("rows of the other", []string(nil), w.rows("SELECT * FROM labeling_dua"))
		})
	}
}

// TestViewsFail: views that cannot be made stop no recording, and are made when
// they can be, though no other session appears.
func TestViewsFail(t *testing.T) {
	w := newWorld(t, onSQLite)
	tries := 0
	w.store.views = func(context.Context) error {
		if tries++; tries <= 3 {
			return errors.New("no right to make views")
		}
		return nil
	}
	w.start()
	w.receive(marks(10)...)
	w.drain()
	w.until("the view is made", func() bool { return w.db.Try("SELECT * FROM labeling_toko") == nil })
	w.same("outcomes", repeat("done", 10), w.outcomes())
	if got := strings.Count(w.log.String(), "views of sessions could not be made"); got != 3 {
		t.Errorf("said %d times in the log, want 3:\n%s", got, w.log)
	}
}

// TestViewsHang: DDL that waits for a lock holds up nothing, not even the end.
func TestViewsHang(t *testing.T) {
	w := newWorld(t, onSQLite)
	w.cfg.StopTimeout = 1 // ns
	hangs := make(chan struct{}, 10)
	w.store.views = func(ctx context.Context) error {
		hangs <- struct{}{}
		<-ctx.Done()
		return ctx.Err()
	}
	p := w.start()
	w.receive(marks(1)...)
	w.drain()
	<-hangs
	w.receive(mark("lain", "6281299900011@c.us", "1", true, 1), mark("toko", "6281299900011@c.us", "1", true, 1))
	w.drain()
	w.same("outcomes", repeat("done", 3), w.outcomes())
	p.stop()
}

// TestViewsLeftAlone: a table that stands under a view's name is left alone, and
// that is said.
func TestViewsLeftAlone(t *testing.T) {
	for _, on := range engines {
		t.Run(on.name, func(t *testing.T) {
			w := newWorld(t, on)
			w.db.Exec(t, "CREATE TABLE labeling_toko (note VARCHAR(20))")
			w.db.Exec(t, "INSERT INTO labeling_toko VALUES ('keep me')")
			w.start()
			w.receive(marks(3)...)
			w.drain()
			w.until("it is said", func() bool { return strings.Contains(w.log.String(), "view left alone") })
			for _, text := range []string{"session=toko", "labeling_toko", "already in the database"} {
				if !strings.Contains(w.log.String(), text) {
					t.Errorf("the log lacks %q:\n%s", text, w.log)
				}
			}
			w.same("the table", []string{"keep me"}, w.rows("SELECT note FROM labeling_toko"))
			w.same("recorded", []string{"3"}, w.rows("SELECT COUNT(*) FROM label_events"))
		})
	}
}

// TestViewsNotAskedForNothing: a start looks at the views, and so does a new
// session; batches that bring none do not.
func TestViewsNotAskedForNothing(t *testing.T) {
	w := newWorld(t, onSQLite)
	asked := make(chan struct{}, 100)
	w.store.views = func(context.Context) error { asked <- struct{}{}; return nil }
	w.start()
	<-asked
	w.receive(marks(1)...)
	<-asked
	w.drain()
	for i := range 10 {
		w.receive(mark("toko", "6281299900011@c.us", "1", i%2 == 0, int64(100+i)))
		w.drain()
	}
	if n := len(asked); n != 0 {
		t.Errorf("views were looked at %d times more; log:\n%s", n, w.log)
	}
}

var _ Store = store.Store(nil) // what the pipeline needs, every store has
