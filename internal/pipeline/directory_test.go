package pipeline

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"tandai/internal/lead"
	"tandai/internal/store"
)

// directory answers what a test tells it to.
type directory struct {
	mu     sync.Mutex
	asked  []string // "session/hidden" and "session/labels"
	phones map[string]string
	names  map[string]string
	at     func() int64
	fail   func(ctx context.Context) error // nil: works
}

func (d *directory) ask(ctx context.Context, what string) error {
	d.mu.Lock()
	d.asked = append(d.asked, what)
	fail := d.fail
	d.mu.Unlock()
	if fail != nil {
		return fail(ctx)
	}
	return nil
}

func (d *directory) Phone(ctx context.Context, session, hidden string) ([]store.Input, error) {
	if err := d.ask(ctx, session+"/"+hidden); err != nil {
		return nil, err
	}
	phone := d.phones[hidden]
	if phone == "" {
		return nil, nil
	}
	at := d.at()
	return []store.Input{{Session: session, At: at, Pair: &lead.Pair{Hidden: hidden, Phone: phone, FirstAt: at, LastAt: at}}}, nil
}

func (d *directory) Labels(ctx context.Context, session string) ([]store.Input, error) {
	if err := d.ask(ctx, session+"/labels"); err != nil {
		return nil, err
	}
	var all []store.Input
	for id, name := range d.names {
		all = append(all, store.Input{Session: session, At: d.at(), Sighting: &store.LabelSighting{LabelID: id, Name: name, Color: 3}})
	}
	return all, nil
}

func (d *directory) questions() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]string(nil), d.asked...)
}

func (w *world) directory() *directory {
	d := &directory{
		phones: map[string]string{"201000000000011@lid": "6281299900011"}, names: map[string]string{"1": "Grade A"},
		at: func() int64 { return w.clock.Now().UnixMilli() },
	}
	w.cfg.Directory = d
	return d
}

// TestDirectory: what no event told is looked up and filled in, in the log, the
// spans and the views.
func TestDirectory(t *testing.T) {
	for _, on := range engines {
		t.Run(on.name, func(t *testing.T) {
			w := newWorld(t, on)
			d := w.directory()
			w.receive(mark("toko", "201000000000011@lid", "1", true, 1), mark("toko", "201000000000022@lid", "1", true, 2)) // one batch
			w.start()
			w.drain()
			const columns = "SELECT nomor_lead, label_name FROM label_events ORDER BY timestamp_unix"
			w.until("the answers are filled in", func() bool {
				return strings.Join(w.rows(columns), ", ") == "6281299900011 | Grade A, 201000000000022@lid | Grade A"
			})
			w.same("active labels", []string{"201000000000022@lid | Grade A", "6281299900011 | Grade A"},
				w.rows("SELECT nomor_lead, label_name FROM active_labels ORDER BY nomor_lead"))
			w.until("all is asked and counted", func() bool { return len(d.questions()) >= 3 && w.metric("tandai_log_rows_filled_total") >= 3 })
			want := map[string]bool{"toko/201000000000011@lid": true, "toko/201000000000022@lid": true, "toko/labels": true}
			if asked := d.questions(); len(asked) != 3 || !want[asked[0]] || !want[asked[1]] || !want[asked[2]] {
				t.Errorf("asked %v, want each once", asked)
			}
			if got := w.metric("tandai_log_rows_filled_total"); got != 3 {
				t.Errorf("tandai_log_rows_filled_total %v, want 3", got)
			}
			w.clean()
		})
	}
}

// TestDirectoryAskedOnce: the same question is not asked for every event, and
// asked again after a while.
func TestDirectoryAskedOnce(t *testing.T) {
	w := newWorld(t, onSQLite)
	d := w.directory()
	d.phones, d.names = nil, nil // it never knows
	w.start()
	send := func(at int64) {
		w.receive(mark("toko", "201000000000022@lid", "1", true, at))
		w.drain()
	}
	for i := range 5 {
		send(int64(i))
	}
	w.until("it was asked", func() bool { return len(d.questions()) == 2 })
	w.clock.move(askAgain - time.Second)
	send(10)
	time.Sleep(20 * time.Millisecond)
	if asked := d.questions(); len(asked) != 2 {
		t.Errorf("asked %v, want two questions once", asked)
	}
	w.clock.move(2 * time.Second)
	send(11)
	w.until("it is asked again", func() bool { return len(d.questions()) == 4 })
	for i, want := range repeat("201000000000022@lid", 7) {
		if got := w.rows("SELECT nomor_lead FROM label_events")[i]; got != want {
			t.Errorf("row %d: %s", i, got)
		}
	}
}

// TestDirectoryFails: a directory that fails, hangs or answers nonsense holds no
// event back, and says nothing of the database.
func TestDirectoryFails(t *testing.T) {
	for _, tc := range []struct {
		name string
		set  func(d *directory)
		log  string
	}{
		{"it fails", func(d *directory) { d.fail = func(context.Context) error { return errors.New("HTTP 500") } }, "look-up failed"},
		{"it hangs", func(d *directory) {
			d.fail = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		}, ""},
		{"its answer does not fit", func(d *directory) {
			d.phones = map[string]string{"201000000000011@lid": strings.Repeat("9", 40)}
			d.names = map[string]string{"1": strings.Repeat("x", 300)}
		}, "look-up failed"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, onSQLite)
			tc.set(w.directory())
			p := w.start()
			for i := range 30 {
				w.receive(mark("toko", fmt.Sprintf("2010000000%05d@lid", i), "1", true, int64(i)))
			}
			w.drain()
			w.receive(mark("toko", "201000000000011@lid", "1", true, 1))
			w.drain()
			w.until("it is told", func() bool { return strings.Contains(w.log.String(), tc.log) })
			w.same("outcomes", repeat("done", 31), w.outcomes())
			if d := p.Database(); !d.Up || strings.Contains(w.log.String(), "database is away") {
				t.Errorf("%+v; log:\n%s", d, w.log)
			}
			p.stop()
			w.clean()
		})
	}
}

// TestDirectoryNeverFull: more unknown people than the queue holds.
func TestDirectoryNeverFull(t *testing.T) {
	w := newWorld(t, onSQLite)
	d := w.directory()
	release := make(chan struct{})
	d.fail = func(context.Context) error { <-release; return nil }
	p := w.pipeline()
	var unknown []store.Unknown
	for i := range 5000 {
		unknown = append(unknown, store.Unknown{Session: "toko", Hidden: fmt.Sprint(i, "@lid")})
	}
	p.ask(store.Recorded{Unknown: unknown}) // must not block
	if n := len(p.lookup.queue); n != cap(p.lookup.queue) || len(p.lookup.asked) != n {
		t.Errorf("%d of %d questions queued, %d remembered", n, cap(p.lookup.queue), len(p.lookup.asked))
	}
	close(release)
	// What is remembered does not grow for ever.
	for i := range 3 * askedMax {
		p.lookup.asked[fmt.Sprint("old ", i)] = w.clock.Now()
	}
	w.clock.move(askAgain)
	p.ask(store.Recorded{Unknown: unknown})
	if n := len(p.lookup.asked); n > askedMax {
		t.Errorf("%d questions remembered after their time", n)
	}
}

// TestWithoutDirectory: nothing is looked up, and nothing waits for it.
func TestWithoutDirectory(t *testing.T) {
	w := newWorld(t, onSQLite)
	w.receive(mark("toko", "201000000000011@lid", "1", true, 1))
	w.run()
	w.same("recorded", []string{"201000000000011@lid | "}, w.rows("SELECT nomor_lead, label_name FROM label_events"))
}
