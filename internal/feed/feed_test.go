package feed

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/google/go-cmp/cmp"

	"tandai/internal/inbox"
	"tandai/internal/intake"
)

const key = "s3cret key/of?WAHA"

// patience is for what takes milliseconds on an idle machine.
const patience = 45 * time.Second

// lines is a log that may be written and read at once.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// world is a WAHA of our own and a feed that reads it.
type world struct {
	t    *testing.T
	http *httptest.Server
	box  *inbox.Inbox
	feed *Feed
	log  *lines

	mu    sync.Mutex
	calls []*http.Request
	gaps  []string
}

// newWorld starts a server that answers /ws with serve, and a feed of it.
func newWorld(t *testing.T, serve http.HandlerFunc, change func(*Config), tune func(*Feed)) *world {
	t.Helper()
	w := &world{t: t, log: &lines{}}
	w.http = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		w.calls = append(w.calls, r)
		w.mu.Unlock()
		serve(rw, r)
	}))
	t.Cleanup(w.http.Close)
	log := slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	w.box, err = inbox.Open(context.Background(), inbox.Config{Path: filepath.Join(t.TempDir(), "inbox.db"), MinFreeBytes: -1, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.box.Close() })
	cfg := Config{URL: w.http.URL, Key: key, Events: []string{"label.upsert", "session.status"}, Inbox: w.box, Log: log,
		Gap: func(reason string) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.gaps = append(w.gaps, reason)
		}}
	if change != nil {
		change(&cfg)
	}
	if w.feed, err = New(cfg); err != nil {
		t.Fatal(err)
	}
	f := w.feed
	f.pauseMin, f.pauseMax, f.settle, f.retryMin, f.retryMax, f.gaps.every = time.Millisecond, 5*time.Millisecond, 20*time.Millisecond, time.Millisecond, 5*time.Millisecond, 0
	if tune != nil {
		tune(f)
	}
	return w
}

// run starts the feed; what is returned stops it and waits for its end.
func (w *world) run() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); w.feed.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		select {
		case <-done:
		case <-time.After(patience):
			w.t.Error("the feed does not stop")
		}
	})
	w.t.Cleanup(stop)
	return stop
}

func (w *world) until(what string, done func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(patience); !done(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("waited in vain until %s\n%s", what, w.log)
		}
	}
}

func (w *world) stored() []inbox.Delivery {
	w.t.Helper()
	list, _, err := w.box.Range(context.Background(), inbox.Filter{}, 0, 100_000)
	if err != nil {
		w.t.Fatal(err)
	}
	return list
}

func (w *world) told() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.gaps)
}

// keeps checks that the key is nowhere to be seen.
func (w *world) keepsTheKey() {
	w.t.Helper()
	for _, text := range []string{w.log.String(), fmt.Sprintf("%+v", w.feed.State())} {
		for _, secret := range []string{key, url.QueryEscape(key), "s3cret"} {
			if strings.Contains(text, secret) {
				w.t.Errorf("the key is said: %s", text)
			}
		}
	}
}

func event(n int) []byte {
	return fmt.Appendf(nil, `{"id":"evt_01m832574sx9yj2gr3rew%05d","timestamp":%d,"event":"label.upsert","session":"cs1","payload":{"id":"%d","name":"Grade"}}`, n, 1795399213418+n, n)
}

// accept opens a websocket and hands it over; it is closed after that.
func accept(t *testing.T, then func(ctx context.Context, c *websocket.Conn)) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(rw, r, nil)
		if err != nil {
			t.Errorf("handshake: %v", err)
			return
		}
		defer c.CloseNow()
		then(r.Context(), c)
	}
}

// stay reads, and so answers pings, until the other end has gone.
func stay(ctx context.Context, c *websocket.Conn) { <-c.CloseRead(ctx).Done() }

func send(t *testing.T, c *websocket.Conn, frames ...[]byte) {
	for _, f := range frames {
		if err := c.Write(context.Background(), websocket.MessageText, f); err != nil {
			t.Logf("write: %v", err)
			return
		}
	}
}

func TestFeed_asksAndKeeps(t *testing.T) {
	w := newWorld(t, accept(t, func(ctx context.Context, c *websocket.Conn) {
		send(t, c, event(1), event(2), event(1))
		stay(ctx, c)
	}), func(c *Config) { c.URL += "/base/"; c.Server = "jkt" }, nil)
	w.run()
	w.until("three frames are dealt with", func() bool { return !w.feed.State().LastFrameAt.IsZero() && len(w.stored()) == 2 })
	w.mu.Lock()
	asked := w.calls[0].URL
	w.mu.Unlock()
	want := url.Values{"x-api-key": {key}, "session": {"*"}, "events": {"label.upsert", "session.status"}}
	if d := cmp.Diff(want, asked.Query()); d != "" || asked.Path != "/base/ws" {
		t.Errorf("asked for %s (-want +got):\n%s", asked.Path, d)
	}
	got := w.stored()[0]
	if !bytes.Equal(got.Body, event(1)) || got.Server != "jkt" || got.Session != "cs1" {
		t.Errorf("stored %s of %s: %s", got.SessionName(), got.Event, got.Body)
	}
	if s := w.feed.State(); !s.Connected || s.Err != "" {
		t.Errorf("state %+v", s)
	}
	w.keepsTheKey()
}

// TestFeed_knowsWhatTheDoorStored: one event by webhook and by websocket is one.
func TestFeed_knowsWhatTheDoorStored(t *testing.T) {
	w := newWorld(t, accept(t, func(ctx context.Context, c *websocket.Conn) {
		send(t, c, event(1), event(2))
		stay(ctx, c)
	}), nil, nil)
	door, err := intake.New(intake.Config{Inbox: w.box})
	if err != nil {
		t.Fatal(err)
	}
	post := func(body []byte) string {
		rw := httptest.NewRecorder()
		door.ServeHTTP(rw, httptest.NewRequest("POST", "/webhooks/waha", bytes.NewReader(body)))
		return rw.Body.String()
	}
	if got := post(event(1)); !strings.Contains(got, `"stored"`) {
		t.Fatal(got)
	}
	w.run()
	w.until("both are there", func() bool { return len(w.stored()) == 2 })
	if got := post(event(2)); !strings.Contains(got, `"known"`) {
		t.Errorf("at the door, after the websocket: %s", got)
	}
	if n := len(w.stored()); n != 2 {
		t.Errorf("%d stored", n)
	}
}

func TestFeed_refusedKey(t *testing.T) {
	var mu sync.Mutex
	open := false
	w := newWorld(t, accept(t, func(ctx context.Context, c *websocket.Conn) {
		mu.Lock()
		let := open
		mu.Unlock()
		if !let { // as WAHA does
			c.Close(websocket.StatusPolicyViolation, "Unauthorized "+key)
			return
		}
		stay(ctx, c)
	}), nil, func(f *Feed) { f.settle = 300 * time.Millisecond })
	w.run()
	w.until("it has tried three times", func() bool { w.mu.Lock(); defer w.mu.Unlock(); return len(w.calls) >= 3 })
	if s := w.feed.State(); s.Connected || s.Err != "" && s.Err != errKey.Error() {
		t.Errorf("state %+v", s)
	}
	if got := w.told(); len(got) > 0 {
		t.Errorf("told of %v, though it never listened", got)
	}
	w.keepsTheKey()
	mu.Lock()
	open = true
	mu.Unlock()
	w.until("the key is right and it is connected", func() bool { return w.feed.State().Connected })
	if d := cmp.Diff([]string{GapStart}, w.told()); d != "" {
		t.Errorf("gaps (-want +got):\n%s", d)
	}
}

// TestFeed_everyGapIsTold: after each connection that ended, once it listens again.
func TestFeed_everyGapIsTold(t *testing.T) {
	var mu sync.Mutex
	n := 0
	w := newWorld(t, accept(t, func(ctx context.Context, c *websocket.Conn) {
		mu.Lock()
		n++
		mine := n
		mu.Unlock()
		send(t, c, event(mine))
		switch mine {
		case 1:
			c.Close(websocket.StatusGoingAway, "restart")
		case 2:
			c.CloseNow()
		case 3:
			c.Close(websocket.StatusInternalError, "")
		default:
			stay(ctx, c)
		}
	}), nil, nil)
	w.run()
	w.until("it is connected for the fourth time", func() bool { return len(w.told()) == 4 })
	if d := cmp.Diff([]string{GapStart, GapReconnected, GapReconnected, GapReconnected}, w.told()); d != "" {
		t.Errorf("gaps (-want +got):\n%s", d)
	}
	w.until("all four events are there", func() bool { return len(w.stored()) == 4 })
	w.keepsTheKey()
}

func TestFeed_framesNobodyWants(t *testing.T) {
	const secret = "0812-SECRET-TEXT"
	frames := [][]byte{
		nil, []byte("hello"), []byte(`{"event":"message","payload":{"body":"` + secret), []byte("\x00\xff\xfe" + secret),
		[]byte(strings.Repeat("[", 10_000)), bytes.Repeat([]byte("x"), 70_000), // beyond the limit
		[]byte(`{"event":7}`), event(1),
	}
	w := newWorld(t, accept(t, func(ctx context.Context, c *websocket.Conn) {
		for i, f := range frames {
			kind := websocket.MessageText
			if i%2 == 1 {
				kind = websocket.MessageBinary
			}
			if err := c.Write(ctx, kind, f); err != nil {
				t.Logf("frame %d: %v", i, err)
			}
		}
		stay(ctx, c)
	}), func(c *Config) { c.MaxFrame = 64 << 10 }, nil)
	w.run()
	w.until("the good one is there", func() bool {
		return slices.ContainsFunc(w.stored(), func(d inbox.Delivery) bool { return d.Event == "label.upsert" })
	})
	w.until("all others are, but the large one", func() bool { return len(w.stored()) == len(frames)-1 })
	for _, d := range w.stored() {
		if bytes.Contains(d.Body, []byte(secret)) {
			t.Errorf("kept as %s", d.Body)
		}
		if (d.State == inbox.Quarantined) != (d.Event != "label.upsert") {
			t.Errorf("%s is %v: %s", d.Event, d.State, d.Reason)
		}
	}
	w.until("the large one is told of as a gap", func() bool { return slices.Contains(w.told(), GapFrame) })
	w.mu.Lock()
	calls := len(w.calls)
	w.mu.Unlock()
	if calls != 1 {
		t.Errorf("connected %d times: a frame cost the connection", calls)
	}
	if strings.Contains(w.log.String(), secret) {
		t.Error("the log repeats a frame")
	}
}

// stub is an Inbox made of a function.
type stub func(ctx context.Context, it inbox.Item) (bool, error)

func (s stub) Put(ctx context.Context, it inbox.Item) (bool, error) { return s(ctx, it) }

// TestFeed_waitsForTheInbox: while the inbox takes nothing, no more is read than
// may be held; when it does, nothing is missing.
func TestFeed_waitsForTheInbox(t *testing.T) {
	const many, size = 400, 4 << 10
	var mu sync.Mutex
	away := true
	got := map[int64]int{}
	w := newWorld(t, accept(t, func(ctx context.Context, c *websocket.Conn) {
		pad := []byte(strings.Repeat(" ", size))
		for n := range many {
			send(t, c, append(event(n), pad...))
		}
		stay(ctx, c)
	}), func(c *Config) {
		c.MaxHeld = 16 * size
		c.Inbox = stub(func(_ context.Context, it inbox.Item) (bool, error) {
			mu.Lock()
			defer mu.Unlock()
			if away {
				return false, &inbox.Error{Class: inbox.ErrUnavailable, Op: "put"}
			}
			got[it.At]++
			return got[it.At] > 1, nil
		})
	}, nil)
	w.run()
	w.until("the reader waits", func() bool { return w.feed.stalled.Load() })
	if held := w.feed.held.Load(); held > 18*(size+200) {
		t.Errorf("%d bytes are held", held)
	}
	mu.Lock()
	away = false
	mu.Unlock()
	w.until("everything is there", func() bool { mu.Lock(); defer mu.Unlock(); return len(got) == many })
	w.until("nothing is held", func() bool { return w.feed.held.Load() == 0 })
	if d := cmp.Diff([]string{GapStart}, w.told()); d != "" {
		t.Errorf("gaps (-want +got):\n%s", d)
	}
}

func TestFeed_refusedByTheInboxIsAGap(t *testing.T) {
	w := newWorld(t, accept(t, func(ctx context.Context, c *websocket.Conn) {
		send(t, c, event(1))
		stay(ctx, c)
	}), func(c *Config) {
		c.Inbox = stub(func(context.Context, inbox.Item) (bool, error) {
			return false, &inbox.Error{Class: inbox.ErrRefused, Op: "put"}
		})
	}, nil)
	w.run()
	w.until("the gap is told", func() bool { return slices.Contains(w.told(), GapFrame) })
}

// TestFeed_stops: what was read is put once more, even where it is told to stop
// while the inbox is away.
func TestFeed_stops(t *testing.T) {
	var mu sync.Mutex
	away, stored := true, 0
	w := newWorld(t, accept(t, func(ctx context.Context, c *websocket.Conn) {
		send(t, c, event(1), event(2), event(3))
		stay(ctx, c)
	}), func(c *Config) {
		c.Inbox = stub(func(context.Context, inbox.Item) (bool, error) {
			mu.Lock()
			defer mu.Unlock()
			if away {
				return false, inbox.ErrUnavailable
			}
			stored++
			return false, nil
		})
	}, func(f *Feed) { f.retryMin, f.retryMax = time.Hour, time.Hour })
	stop := w.run()
	w.until("three frames are held", func() bool { return w.feed.held.Load() >= int64(3*len(event(1))) })
	mu.Lock()
	away = false
	mu.Unlock()
	stop()
	if stored != 3 {
		t.Errorf("%d of 3 stored", stored)
	}
}

// TestFeed_deadPeer: a connection on which nobody answers is given up.
func TestFeed_deadPeer(t *testing.T) {
	w := newWorld(t, accept(t, func(ctx context.Context, c *websocket.Conn) {
		<-ctx.Done() // reads nothing, so answers no ping
	}), nil, func(f *Feed) { f.pingEvery, f.pingWait = 30*time.Millisecond, 30*time.Millisecond })
	w.run()
	w.until("it has connected again", func() bool { return slices.Contains(w.told(), GapReconnected) })
}

func TestFeed_answersThatAreNoWebsocket(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for _, tt := range []struct {
		name  string
		serve http.HandlerFunc
		want  string
	}{
		{"a key that is not let in", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusUnauthorized) }, "API key"},
		{"no such page", http.NotFound, "no /ws (404)"},
		{"a redirect", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://x/ws?"+r.URL.RawQuery, http.StatusMovedPermanently)
		}, "redirected (301)"},
		{"an error", func(w http.ResponseWriter, r *http.Request) { http.Error(w, r.URL.RawQuery, http.StatusBadGateway) }, "answers 502"},
		{"a page", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.URL) }, "answers 200"},
		{"hangs up", func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) }, "EOF"},
		{"nobody there", nil, "refused"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, tt.serve, func(c *Config) {
				if tt.serve == nil {
					c.URL = gone.URL
				}
			}, nil)
			w.run()
			w.until("it says why", func() bool { return strings.Contains(w.feed.State().Err, tt.want) })
			w.until("it has tried again", func() bool { return strings.Count(w.log.String(), "is not connected") > 1 })
			w.keepsTheKey()
			if got := w.told(); len(got) > 0 {
				t.Errorf("told of %v", got)
			}
		})
	}
}

func TestFeed_Try(t *testing.T) {
	ctx := context.Background()
	quiet := newWorld(t, accept(t, stay), nil, nil)
	if err := quiet.feed.Try(ctx); err != nil {
		t.Errorf("a quiet one: %v", err)
	}
	busy := newWorld(t, accept(t, func(ctx context.Context, c *websocket.Conn) { send(t, c, event(1)); stay(ctx, c) }), nil, nil)
	if err := busy.feed.Try(ctx); err != nil {
		t.Errorf("a busy one: %v", err)
	}
	shut := newWorld(t, accept(t, func(_ context.Context, c *websocket.Conn) { c.Close(websocket.StatusPolicyViolation, "Unauthorized") }), nil,
		func(f *Feed) { f.settle = patience })
	if err := shut.feed.Try(ctx); err == nil || err.Error() != errKey.Error() {
		t.Errorf("a wrong key: %v", err)
	}
	none := newWorld(t, http.NotFound, nil, nil)
	if err := none.feed.Try(ctx); err == nil || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("no websocket: %v", err)
	}
}

func TestGaps_manyAreOne(t *testing.T) {
	told := make(chan string, 100)
	g := gaps{every: 50 * time.Millisecond, count: func(string) {}, call: func(r string) { told <- r }}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go g.run(ctx)
	for range 50 {
		g.happened(GapFrame)
	}
	<-told // the first at once
	select {
	case <-told: // the rest together, later
	case <-time.After(patience):
		t.Fatal("those that were put off were never told")
	}
	if len(told) > 0 {
		t.Errorf("%d more", len(told))
	}
}

func TestNew_refuses(t *testing.T) {
	box := stub(func(context.Context, inbox.Item) (bool, error) { return false, nil })
	for name, cfg := range map[string]Config{
		"no address":       {Inbox: box, Events: []string{"x"}},
		"another scheme":   {Inbox: box, Events: []string{"x"}, URL: "ws://waha"},
		"no inbox":         {Events: []string{"x"}, URL: "http://waha"},
		"nothing asked of": {Inbox: box, URL: "http://waha"},
	} {
		if _, err := New(cfg); err == nil {
			t.Errorf("%s: New succeeds", name)
		}
	}
}
