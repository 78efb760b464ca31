package radar

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tandai/internal/store"
	"tandai/internal/store/sqlite"
	"tandai/internal/store/sqlstore"
	"tandai/internal/waha/rest"
)

// fakeWAHA is a WAHA server that answers as told.
type fakeWAHA struct {
	mu       sync.Mutex
	down     error
	started  int64
	sessions map[string]string
	restarts []string
	onStart  func(name string)
}

func (f *fakeWAHA) set(change func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change()
}

func (f *fakeWAHA) Ping(context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.down
}

func (f *fakeWAHA) ServerStatus(context.Context) (rest.ServerStatus, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return rest.ServerStatus{StartedAt: f.started}, f.down
}

func (f *fakeWAHA) Sessions(context.Context) ([]rest.Session, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []rest.Session
	for name, status := range f.sessions {
		all = append(all, rest.Session{Name: name, Status: status})
	}
	return all, f.down
}

func (f *fakeWAHA) Session(_ context.Context, name string) (rest.Session, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return rest.Session{Name: name, Status: f.sessions[name]}, f.down
}

func (f *fakeWAHA) RestartSession(_ context.Context, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.restarts = append(f.restarts, name)
	if f.onStart != nil {
		f.onStart(name)
	}
	return f.down
}

// world is a radar on a database of its own, and its clock.
type world struct {
	t    *testing.T
	db   *sqlstore.DB
	at   time.Time
	told []Message
	fail error // of telling
	asks []string
	svc  *Service
}

// newWorld is at Monday, 31 August 2026, 08:00 in Jakarta. cs1 has had eight weeks of
// steady traffic, all of it listened to.
func newWorld(t *testing.T, change func(*Config)) *world {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tandai.db")
	db, err := sqlite.Open(sqlite.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, db: db, at: time.Date(2026, 8, 31, 8, 0, 0, 0, jakarta)}
	tr := trades()[0]
	active, heard, _ := tr.live(rand.New(rand.NewPCG(5, 6)))
	var counts []store.Activity
	var hours []store.HeardHour
	until := w.at.UnixMilli() / hourMs
	for hour, bits := range active {
		if hour < until {
			counts = append(counts, store.Activity{Session: "cs1", Hour: hour, Events: 1, Minutes: bits})
		}
	}
	for hour, bits := range heard {
		if hour < until {
			hours = append(hours, store.HeardHour{Hour: hour, Minutes: bits})
		}
	}
	if err := db.AddActivity(t.Context(), counts, hours); err != nil {
		t.Fatal(err)
	}
	w.status("cs1", "WORKING")
	w.svc = w.service(change)
	return w
}

// service is another server on the same database.
func (w *world) service(change func(*Config)) *Service {
	cfg := Config{
		Store: w.db, Zone: func(string) *time.Location { return jakarta }, Now: func() time.Time { return w.at }, poll: time.Millisecond,
		Trigger: func(session, reason string) { w.asks = append(w.asks, session+" "+reason) },
		Notify: func(_ context.Context, m Message) error {
			if w.fail == nil {
				w.told = append(w.told, m)
			}
			return w.fail
		},
	}
	if change != nil {
		change(&cfg)
	}
	return New(cfg)
}

// status records what WAHA says of a session, as the pipeline does.
func (w *world) status(session, status string) {
	w.t.Helper()
	if _, err := w.db.Record(w.t.Context(), []store.Input{{Session: session, At: w.at.UnixMilli(), Status: status}}); err != nil {
		w.t.Fatal(err)
	}
}

// event is something that arrives of a session now.
func (w *world) event(session string) {
	w.svc.counter.mu.Lock()
	defer w.svc.counter.mu.Unlock()
	w.svc.counter.add(store.Activity{Session: session, Hour: w.at.UnixMilli() / hourMs, Events: 1, Minutes: 1 << (w.at.UnixMilli() % hourMs / minuteMs)})
}

// pass lets time pass by the minute; each is listened to and looked at.
func (w *world) pass(d time.Duration, each ...func()) {
	w.t.Helper()
	for end := w.at.Add(d); w.at.Before(end); {
		for range 6 {
			w.svc.beat(w.t.Context())
			w.at = w.at.Add(10 * time.Second)
		}
		for _, do := range each {
			do()
		}
		if err := w.svc.lookOnce(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
		w.settled()
	}
}

// settled waits for what runs in the background.
func (w *world) settled() { w.svc.acts.Wait() }

// alarms are all alarms as text, the oldest first.
func (w *world) alarms() []string {
	w.t.Helper()
	all, err := w.db.RecentAlarms(w.t.Context(), 0, 100)
	if err != nil {
		w.t.Fatal(err)
	}
	var out []string
	for _, a := range slices.Backward(all) {
		text := fmt.Sprintf("%s %s since %s", a.Kind, a.Subject, time.UnixMilli(a.Since).In(jakarta).Format("15:04"))
		if a.ClearedAt != 0 {
			text += ", over: " + a.Detail.Cleared
		} else if a.Detail.Status != "" {
			text += ", " + a.Detail.Status
		}
		if a.Flaps > 0 {
			text += fmt.Sprintf(", flaps %d", a.Flaps)
		}
		out = append(out, text)
	}
	return out
}

func (w *world) messages() string {
	var out []string
	for _, m := range w.told {
		out = append(out, m.Event)
	}
	return strings.Join(out, " ")
}

var errDown = fmt.Errorf("ping: %w", errors.Join(rest.ErrUnreachable, errors.New("connection refused")))
