package delivery

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tandai/internal/label"
	"tandai/internal/store"
	"tandai/internal/store/sqlite"
)

const patience = 45 * time.Second

// world is a service on a database of its own.
type world struct {
	t  *testing.T
	db interface {
		store.Outbox
		store.Store
	}
	n int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	db, err := sqlite.Open(sqlite.Config{Path: filepath.Join(t.TempDir(), "tandai.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return &world{t: t, db: db}
}

// run runs a service until the test ends, or stop.
func (w *world) run(cfg Config) (s *Service, stop func()) {
	w.t.Helper()
	cfg.Store = w.db
	cfg.Owner = cmpOr(cfg.Owner, "here")
	s = New(cfg)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		select {
		case err := <-ended:
			if err != nil {
				w.t.Errorf("run: %v", err)
			}
		case <-time.After(patience):
			w.t.Error("it does not end")
		}
	})
	w.t.Cleanup(stop)
	return s, stop
}

func cmpOr(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// record records n label events that are sent on.
func (w *world) record(s *Service, n int, to ...string) {
	w.t.Helper()
	var in []store.Input
	for range n {
		w.n++
		at := time.Now().UnixMilli()
		id := label.EventID("", "toko", "label.chat.added", fmt.Sprint(w.n))
		in = append(in, store.Input{
			Session: "toko", At: at, Client: "sari",
			Event: &label.Event{ID: id, Session: "toko", ChatID: "62811000111@c.us", LabelID: "1", Status: label.Added, At: at, Source: label.FromWebhook, SaidClient: "sari"},
			Outbound: &store.Outbound{ID: id, Session: "toko", Event: "label.chat.added", At: at, Body: fmt.Appendf(nil, `{"n":%d}`, w.n),
				Destinations: to, ReceivedAt: at},
		})
	}
	if _, err := w.db.Record(w.t.Context(), in); err != nil {
		w.t.Fatal(err)
	}
	if s != nil {
		s.Wake()
	}
}

func (w *world) letters(destination string, state store.DeliveryState) []store.Letter {
	w.t.Helper()
	all, err := w.db.Letters(w.t.Context(), store.LetterFilter{Destination: destination, State: state, Limit: 10_000})
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

func (w *world) eventually(what string, done func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(patience); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("not within %v: %s", patience, what)
		}
	}
}

// hook is a destination.
type hook struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []string
	answer func(n int, w http.ResponseWriter, r *http.Request) // nil = 200
}

func newHook(t *testing.T, answer func(n int, w http.ResponseWriter, r *http.Request)) *hook {
	h := &hook{answer: answer}
	h.Server = httptest.NewServer(h)
	t.Cleanup(h.Close)
	return h
}

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	h.mu.Lock()
	h.bodies = append(h.bodies, string(body))
	n := len(h.bodies)
	h.mu.Unlock()
	if h.answer != nil {
		h.answer(n, w, r)
	}
}

func (h *hook) got() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.bodies)
}

// quick are pauses that a test can wait for.
var quick = []time.Duration{10 * time.Millisecond, 20 * time.Millisecond}

func TestService_delivers(t *testing.T) {
	w := newWorld(t)
	a, b := newHook(t, nil), newHook(t, nil)
	s, stop := w.run(Config{Destinations: []Destination{
		{Name: "a", URL: a.URL}, {Name: "b", URL: b.URL, Events: []string{"label.upsert"}, Enrich: true},
		{Name: "alarms:webhook", URL: b.URL, EffectsOnly: true},
	}})
	if got := s.For("label.upsert"); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("for label.upsert: %v", got)
	}
	if got := s.For("label.chat.added"); !slices.Equal(got, []string{"a"}) {
		t.Errorf("for label.chat.added: %v", got)
	}
	w.record(s, 300, "a", "b")
	w.eventually("all delivered", func() bool { return len(w.letters("", store.DeliveryDone)) == 600 })
	stop()
	got := a.got()
	slices.Sort(got)
	if len(slices.Compact(got)) != 300 || len(a.got()) != 300 {
		t.Errorf("a has %d", len(a.got()))
	}
	for _, body := range b.got() {
		var doc struct{ Tandai enrichment }
		if err := json.Unmarshal([]byte(body), &doc); err != nil || doc.Tandai.Client != "sari" || doc.Tandai.Lead != "62811000111" || len(doc.Tandai.EventID) != 64 {
			t.Fatalf("b got %s, %v", body, err)
		}
	}
	attempts, err := w.db.AttemptsOf(t.Context(), w.letters("a", store.DeliveryDone)[0].Seq)
	if err != nil || len(attempts) != 1 || attempts[0].Status != 200 || attempts[0].N != 1 {
		t.Errorf("attempts %+v, %v", attempts, err)
	}
}

func TestService_triesAgainAndGivesUp(t *testing.T) {
	w := newWorld(t)
	h := newHook(t, func(n int, w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(422)
		fmt.Fprintf(w, "no %d", n)
	})
	s, _ := w.run(Config{Schedule: quick, Destinations: []Destination{{Name: "a", URL: h.URL}}})
	w.record(s, 1, "a")
	w.eventually("a dead letter", func() bool { return len(w.letters("a", store.DeliveryDead)) == 1 })
	l := w.letters("a", store.DeliveryDead)[0]
	attempts, err := w.db.AttemptsOf(t.Context(), l.Seq)
	if err != nil || len(attempts) != 3 || attempts[2].Answer != "no 3" || attempts[2].Error != "status 422" || l.Attempts != 3 {
		t.Errorf("letter %+v, attempts %+v, %v", l, attempts, err)
	}
	h.answer = nil
	if n, err := w.db.Redeliver(t.Context(), store.LetterFilter{State: store.DeliveryDead}, time.Now().UnixMilli()); n != 1 || err != nil {
		t.Fatalf("redeliver %d, %v", n, err)
	}
	w.eventually("delivered after all", func() bool { return len(w.letters("a", store.DeliveryDone)) == 1 })
	if got := h.got(); len(got) != 4 || got[0] != got[3] {
		t.Errorf("got %v", got)
	}
}

func TestService_waitsAsLongAsAsked(t *testing.T) {
	w := newWorld(t)
	h := newHook(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3600")
		w.WriteHeader(429)
	})
	s, _ := w.run(Config{Schedule: quick, Destinations: []Destination{{Name: "a", URL: h.URL}}})
	w.record(s, 1, "a")
	w.eventually("tried", func() bool { return w.letters("a", store.DeliveryWaiting)[0].Attempts == 1 })
	if wait := w.letters("a", store.DeliveryWaiting)[0].NextAt - time.Now().UnixMilli(); wait < 3_500_000 || wait > 3_600_000 {
		t.Errorf("due in %d ms", wait)
	}
}

// One that asks to be left alone is left alone with all that goes to it, whether
// its breaker is closed, opens, or is being probed.
func TestService_leavesAlone(t *testing.T) {
	for _, tc := range []struct {
		name         string
		failures     int // that open the breaker
		first, under int // answered at once without asking; requests in all
	}{
		{"below the breaker's limit", 10, 0, 2},
		{"as the breaker opens", 2, 1, 2},
		{"at a probe", 2, 2, 3},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			var asked atomic.Int32
			h := newHook(t, func(n int, w http.ResponseWriter, _ *http.Request) {
				if n > tc.first {
					w.Header().Set("Retry-After", "300")
					asked.Add(1)
				}
				w.WriteHeader(503)
			})
			begun := time.Now()
			s, _ := w.run(Config{
				Schedule: quick, Concurrency: 1, BreakerAfter: tc.failures, BreakerPause: 20 * time.Millisecond, BreakerMax: 20 * time.Millisecond,
				Destinations: []Destination{{Name: "a", URL: h.URL}},
			})
			w.record(s, 30, "a")
			w.eventually("it asked", func() bool { return asked.Load() > 0 })
			w.record(s, 30, "a")
			time.Sleep(1500 * time.Millisecond) // longer than lanes are left unlooked at
			if n := len(h.got()); n > tc.under {
				t.Errorf("%d requests, want %d", n, tc.under)
			}
			if tc.first == 0 {
				return
			}
			w.eventually("the breaker is kept", func() bool {
				states, err := w.db.OutboxCounts(t.Context())
				return err == nil && states[0].OpenUntil >= begun.Add(5*time.Minute).UnixMilli()
			})
		})
	}
}

// A destination that is gone costs what waits for it no attempts but those that
// opened the breaker, and one for each probe; when it is back all is delivered.
func TestService_breaker(t *testing.T) {
	w := newWorld(t)
	var back atomic.Bool
	h := newHook(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		if !back.Load() {
			w.WriteHeader(503)
		}
	})
	cfg := Config{
		Schedule: []time.Duration{50 * time.Millisecond, time.Second, time.Second, time.Second, time.Second, time.Second}, Concurrency: 4,
		BreakerAfter: 5, BreakerPause: 100 * time.Millisecond, BreakerMax: 200 * time.Millisecond, Destinations: []Destination{{Name: "a", URL: h.URL}},
	}
	s, stop := w.run(cfg)
	w.record(s, 300, "a")
	w.eventually("some probes", func() bool { return len(h.got()) > 12 })
	stop()
	tried, most := 0, 0
	for _, l := range w.letters("a", store.DeliveryWaiting) {
		tried += l.Attempts
		most = max(most, l.Attempts)
	}
	if tried > 40 || len(w.letters("a", store.DeliveryDead)) > 0 {
		t.Errorf("%d attempts, %d dead letters", tried, len(w.letters("a", store.DeliveryDead)))
	}
	states, err := w.db.OutboxCounts(t.Context())
	if err != nil || len(states) != 1 || states[0].OpenedAt == 0 || states[0].LastError != "status 503" || states[0].Waiting != 300 {
		t.Errorf("states %+v, %v", states, err)
	}
	// The next life knows that it is open.
	asked := len(h.got())
	cfg.BreakerPause = time.Hour
	_, stop = w.run(cfg)
	time.Sleep(300 * time.Millisecond)
	if n := len(h.got()); n > asked+3 {
		t.Errorf("%d requests after the start", n-asked)
	}
	stop()
	cfg.BreakerPause = 100 * time.Millisecond
	back.Store(true)
	w.run(cfg)
	w.eventually("all delivered", func() bool { return len(w.letters("a", store.DeliveryDone)) == 300 })
	states, err = w.db.OutboxCounts(t.Context())
	if err != nil || states[0].OpenedAt != 0 {
		t.Errorf("states %+v, %v", states, err)
	}
}

// One that hangs, one whose connection fails and one that is slow hold up no
// other.
func TestService_oneHoldsUpNoOther(t *testing.T) {
	w := newWorld(t)
	hold := make(chan struct{})
	hung := newHook(t, func(_ int, _ http.ResponseWriter, r *http.Request) {
		select {
		case <-hold:
		case <-r.Context().Done():
		}
	})
	t.Cleanup(func() { close(hold) })
	well := newHook(t, nil)
	s, _ := w.run(Config{Concurrency: 4, Timeout: time.Minute, StopTimeout: time.Millisecond, Destinations: []Destination{
		{Name: "hung", URL: hung.URL}, {Name: "gone", URL: "http://127.0.0.1:1/"}, {Name: "well", URL: well.URL},
	}})
	for range 10 {
		w.record(s, 100, "hung", "gone", "well")
	}
	w.eventually("the one that is well has all", func() bool { return len(w.letters("well", store.DeliveryDone)) == 1000 })
	if n := len(hung.got()); n != 4 {
		t.Errorf("the one that hangs is asked %d times at once", n)
	}
}

// What is under way at the end is finished or given back, and taken up by the
// next life at once.
func TestService_stops(t *testing.T) {
	w := newWorld(t)
	begun := make(chan struct{}, 100)
	slow := newHook(t, func(n int, _ http.ResponseWriter, r *http.Request) {
		begun <- struct{}{}
		if n <= 2 {
			<-r.Context().Done()
		}
	})
	cfg := Config{Concurrency: 2, StopTimeout: 50 * time.Millisecond, Destinations: []Destination{{Name: "a", URL: slow.URL}}}
	s, stop := w.run(cfg)
	w.record(s, 10, "a")
	<-begun
	<-begun
	stop()
	for _, l := range w.letters("a", store.DeliveryWaiting) {
		if l.Attempts != 0 {
			t.Errorf("%+v: what Tandai cut off itself is no attempt", l)
		}
	}
	w.run(cfg)
	w.eventually("all delivered", func() bool { return len(w.letters("a", store.DeliveryDone)) == 10 })
}

// What a server had claimed when it was killed is taken up by its next life at
// once, and by another server when the lease ends.
func TestService_takesUpWhatItHad(t *testing.T) {
	w := newWorld(t)
	h := newHook(t, nil)
	w.record(nil, 5, "a")
	claim := func(owner string, until time.Duration) {
		now := time.Now()
		got, err := w.db.Turn(t.Context(), store.Turn{Owner: owner, Now: now.UnixMilli() + 1000, LeaseUntil: now.Add(until).UnixMilli(), Wants: []store.Want{{Destination: "a", Limit: 3}}})
		if err != nil || len(got) == 0 {
			t.Fatalf("claimed %d, %v", len(got), err)
		}
	}
	claim(ownerPrefix("here")+"/killed", time.Hour)
	claim(ownerPrefix("elsewhere")+"/killed", 2*time.Second)
	w.run(Config{Destinations: []Destination{{Name: "a", URL: h.URL}}})
	w.eventually("all delivered", func() bool { return len(w.letters("a", store.DeliveryDone)) == 5 })
}

func TestService_effects(t *testing.T) {
	w := newWorld(t)
	h := newHook(t, nil)
	s, _ := w.run(Config{Schedule: quick, Destinations: []Destination{{Name: "alarms", URL: h.URL, Key: []byte("k")}}})
	for _, key := range []string{"one", "one", "two"} {
		if err := s.Enqueue(t.Context(), Effect{Key: key, Event: "alarm", At: 1, Body: []byte(`{"alarm":1}`), Destination: "alarms"}); err != nil {
			t.Fatal(err)
		}
	}
	w.eventually("two delivered", func() bool { return len(w.letters("alarms", store.DeliveryDone)) == 2 })

	// An address that nobody vouches for: this one is a machine of ours.
	if err := s.Enqueue(t.Context(), Effect{Key: "inside", Event: "automation", Body: []byte(`{}`), URL: h.URL + "/inside"}); err != nil {
		t.Fatal(err)
	}
	var dead []store.Letter
	w.eventually("given up", func() bool {
		dead = slices.DeleteFunc(w.letters("", store.DeliveryDead), func(l store.Letter) bool { return l.Event != "automation" })
		return len(dead) == 1
	})
	if dead[0].Last == nil || !strings.Contains(dead[0].Last.Error, "not a public address") || dead[0].Destination != "url:"+h.URL {
		t.Errorf("letter %+v, last %+v", dead[0], dead[0].Last)
	}
	if n := len(h.got()); n != 2 {
		t.Errorf("%d requests came through", n)
	}
	for _, bad := range []string{"ftp://example.com/", "http://", "http://user:pass@example.com/", "x", "http://" + strings.Repeat("a", 300) + "/"} {
		if err := s.Enqueue(t.Context(), Effect{Key: bad, Body: []byte(`{}`), URL: bad}); err == nil {
			t.Errorf("%s was taken", bad)
		}
	}
}

// While the database is away results wait, and are written when it is back.
func TestService_databaseAway(t *testing.T) {
	w := newWorld(t)
	h := newHook(t, nil)
	flaky := &awayStore{Outbox: w.db}
	s := New(Config{Store: flaky, Owner: "here", Destinations: []Destination{{Name: "a", URL: h.URL}}})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	defer func() { cancel(); <-ended }()
	w.record(s, 3, "a")
	w.eventually("delivered", func() bool { return len(w.letters("a", store.DeliveryDone)) == 3 })
	flaky.away.Store(true)
	w.record(s, 40, "a")
	time.Sleep(100 * time.Millisecond)
	flaky.away.Store(false)
	w.eventually("delivered", func() bool { return len(w.letters("a", store.DeliveryDone)) == 43 })
	if n := len(h.got()); n != 43 {
		t.Errorf("%d requests", n)
	}
}

// awayStore is a database that is away now and then: a round may have persisted
// all the same.
type awayStore struct {
	store.Outbox
	away  atomic.Bool
	calls atomic.Int32
}

func (a *awayStore) Turn(ctx context.Context, t store.Turn) ([]store.Claimed, error) {
	if a.away.Load() {
		return nil, store.ErrUnavailable
	}
	if len(t.Wants) == 0 && a.calls.Add(1)%2 == 0 { // results alone: written, and the answer lost
		if _, err := a.Outbox.Turn(ctx, t); err != nil {
			return nil, err
		}
		return nil, store.ErrUnavailable
	}
	return a.Outbox.Turn(ctx, t)
}
