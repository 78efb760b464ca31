package app

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"tandai/internal/waha/wahasim"
)

const theirHook = `{"url":"https://n8n.example.com/webhook/1","events":["message"]}`

// station is a simulated WAHA with the sessions cs1 and cs2.
type station struct {
	node *wahasim.Node
	url  string
	puts atomic.Int32
	// onPut, when set, answers PUTs instead of WAHA.
	onPut http.HandlerFunc
}

func newStation(t *testing.T, config string) *station {
	t.Helper()
	srv := wahasim.New(wahasim.Config{Seed: 1})
	s := &station{node: wahasim.NewNode(srv, wahasim.NodeConfig{Seed: 1})}
	for i, name := range []string{"cs1", "cs2"} {
		if _, err := srv.AddPhone(wahasim.PhoneConfig{Session: name, Engine: wahasim.GOWS, Number: "628119990000" + string(rune('1'+i))}); err != nil {
			t.Fatal(err)
		}
		if err := s.node.Configure(name, config); err != nil {
			t.Fatal(err)
		}
	}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			s.puts.Add(1)
			if s.onPut != nil {
				s.onPut(w, r)
				return
			}
		}
		s.node.ServeHTTP(w, r)
	}))
	t.Cleanup(func() { web.Close(); s.node.Close() })
	s.url = web.URL
	return s
}

// connector reads what has to change, with the hook at url.
func (s *station) connector(t *testing.T, url string) *Connector {
	t.Helper()
	cfg := configured(t, "waha: {url: '"+s.url+"', hmac_key: hook-s3cret}")
	c, err := ReadConnections(context.Background(), cfg, ConnectOptions{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// TestConnect_doorsThatLoseEvents: an address is not given to WAHA where events
// would be lost there; one that cannot be judged from here is noted.
func TestConnect_doorsThatLoseEvents(t *testing.T) {
	answer := func(code int, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code); _, _ = w.Write([]byte(body)) }
	}
	for _, tt := range []struct {
		name         string
		door         http.HandlerFunc
		failed, note string
	}{
		{"a redirect", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://tandai.example.com"+r.URL.Path, http.StatusMovedPermanently)
		}, "redirects to https://tandai.example.com/webhooks/waha, and WAHA would lose every event", ""},
		{"another configuration", answer(http.StatusNotFound, `{"result":"rejected"}`), "does not know this door", ""},
		{"another key", func(w http.ResponseWriter, r *http.Request) {
			code := map[string]int{http.MethodGet: http.StatusMethodNotAllowed}[r.Method]
			if code == 0 {
				code = http.StatusUnauthorized
			}
			answer(code, `{"result":"rejected"}`)(w, r)
		}, "does not believe the first key", ""},
		{"somebody else", answer(http.StatusOK, "Welcome to nginx!"), "", `answers a GET with 200 and "Welcome to nginx!"`},
		{"a proxy that refuses a POST", func(w http.ResponseWriter, r *http.Request) {
			code := map[string]int{http.MethodGet: http.StatusMethodNotAllowed}[r.Method]
			if code == 0 {
				code = http.StatusForbidden
			}
			answer(code, `{"result":"rejected"}`)(w, r)
		}, "", "answers a signed probe with 403"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newStation(t, `{}`)
			web := httptest.NewServer(tt.door)
			defer web.Close()
			c := s.connector(t, web.URL)
			c.CheckDoors(context.Background())
			got := c.Servers[0]
			if !strings.Contains(got.Error, tt.failed) || (got.Error != "") != (tt.failed != "") {
				t.Errorf("failed %q, want %q", got.Error, tt.failed)
			}
			if notes := strings.Join(got.Notes, "\n"); !strings.Contains(notes, tt.note) || (notes != "") != (tt.note != "") {
				t.Errorf("notes %q, want %q", notes, tt.note)
			}
			if open := len(c.Open()); (open == 0) != (tt.failed != "") || c.Failed() != (tt.failed != "") {
				t.Errorf("%d to be written, failed %v", open, c.Failed())
			}
			if n := s.puts.Load(); n != 0 {
				t.Errorf("%d written", n)
			}
		})
	}
}

// TestConnect_keepsWhatOthersDoMeanwhile: a hook that somebody adds between the
// look and the write is there afterwards, and so is ours.
func TestConnect_keepsWhatOthersDoMeanwhile(t *testing.T) {
	s := newStation(t, `{"metadata":{"klien":"a"}}`)
	c := s.connector(t, "http://127.0.0.1:1")
	if err := s.node.Configure("cs1", `{"metadata":{"klien":"b"},"webhooks":[`+theirHook+`]}`); err != nil {
		t.Fatal(err)
	}
	for _, l := range c.Open() {
		c.Write(context.Background(), l)
		if l.Error != "" || !l.Written {
			t.Errorf("%s: %q", l.Session, l.Error)
		}
	}
	got := string(s.node.Configured("cs1"))
	for _, want := range []string{`"klien":"b"`, theirHook, `"url":"http://127.0.0.1:1/webhooks/waha"`, `"key":"hook-s3cret"`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
	if n := s.puts.Load(); n != 2 {
		t.Errorf("%d written, want each once", n)
	}
}

// TestConnect_writesThatFail: it is said what is known of each, and the others are
// written.
func TestConnect_writesThatFail(t *testing.T) {
	for _, tt := range []struct {
		name  string
		onPut http.HandlerFunc
		want  string
	}{
		{"hangs up", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "whether WAHA has taken it is not known"},
		{"refuses", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(`{"message":["config.webhooks.0.events must be one of"],"statusCode":400}`))
		}, "config.webhooks.0.events must be one of"},
		{"takes it and forgets it", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"name":"cs1","status":"STARTING","config":{"webhooks":[]}}`))
		}, "and yet says otherwise of webhook"},
		{"an error", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }, "WAHA failed (500)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newStation(t, `{}`)
			s.onPut = tt.onPut
			c := s.connector(t, "http://127.0.0.1:1")
			for _, l := range c.Open() {
				c.Write(context.Background(), l)
				if !strings.Contains(l.Error, tt.want) || strings.Contains(l.Error, "hook-s3cret") {
					t.Errorf("%s: %q, want %q", l.Session, l.Error, tt.want)
				}
			}
			if n := s.puts.Load(); n != 2 || !c.Failed() {
				t.Errorf("%d tries, failed %v", n, c.Failed())
			}
		})
	}
}

// TestConnect_awaits: the first event since the write is what counts, and whoever
// does not want to wait any longer is let go.
func TestConnect_awaits(t *testing.T) {
	cfg := configured(t, "waha: {hmac_key: hook-s3cret}")
	r := serve(t, cfg)
	r.drained()
	s := newStation(t, `{}`)
	asking := *cfg
	asking.WAHA.URL = s.url
	old := `{"id":"evt_old","timestamp":1795399213418,"event":"session.status","session":"cs2","payload":{"name":"cs2","status":"WORKING"}}`
	if code, body := r.deliver(hookPath, "hook-s3cret", old); code != http.StatusOK {
		t.Fatal(code, body)
	}
	c, err := ReadConnections(t.Context(), &asking, ConnectOptions{URL: r.base})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	open := c.Open()
	c.Write(t.Context(), open[0])
	if open[0].Error != "" {
		t.Fatal(open[0].Error)
	}
	open[1].after = 1 // cs2 was not written: what came of it before does not count
	heard := ""
	ctx, cancel := context.WithCancel(t.Context())
	err = c.Await(ctx, open, patience, func(l *ConnectLink) { heard += l.Session; cancel() }) // who waits for cs2 gives up then
	if !errors.Is(err, context.Canceled) || heard != "cs1" || open[0].Silent || !open[1].Silent {
		t.Errorf("%v, heard of %q, silent: %v, %v", err, heard, open[0].Silent, open[1].Silent)
	}
}
