package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"tandai/internal/waha"
)

// fakeWAHA is as much of WAHA as setting it up needs: sessions whose configuration
// is replaced whole, and which say session.status to their hooks when they come
// back. It takes what it is given byte for byte, as WAHA gives it back.
type fakeWAHA struct {
	key      string
	readOnly bool // the key may read, no more
	deaf     bool // sends nothing
	changing bool // somebody else changes the webhooks before each second look

	mu       sync.Mutex
	sessions []fakeSession
	puts     int
}

type fakeSession struct {
	Name   string          `json:"name"`
	Status string          `json:"status"`
	Engine json.RawMessage `json:"engine,omitempty"`
	Config json.RawMessage `json:"config"`
}

func (f *fakeWAHA) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	say := func(code int, v any) { w.WriteHeader(code); _ = json.NewEncoder(w).Encode(v) }
	if r.URL.Path == "/ping" {
		say(200, map[string]string{"message": "pong"})
		return
	}
	if r.Header.Get("X-Api-Key") != f.key {
		say(401, map[string]any{"message": "Unauthorized", "statusCode": 401})
		return
	}
	switch path := strings.TrimPrefix(r.URL.Path, "/api/"); {
	case path == "server/version":
		say(200, map[string]string{"version": "2026.7.1", "engine": "GOWS", "tier": "CORE"})
	case path == "sessions":
		say(200, f.sessions)
	case strings.HasPrefix(path, "sessions/"):
		for i := range f.sessions {
			if f.sessions[i].Name == strings.TrimPrefix(path, "sessions/") {
				f.session(say, r, &f.sessions[i])
				return
			}
		}
		say(404, map[string]any{"message": "Session not found", "statusCode": 404})
	case strings.HasSuffix(path, "/labels"):
		say(200, []any{})
	default:
		say(404, map[string]any{"message": "Cannot " + r.Method + " " + r.URL.Path, "statusCode": 404})
	}
}

func (f *fakeWAHA) session(say func(int, any), r *http.Request, s *fakeSession) {
	if r.Method == http.MethodGet {
		if f.changing {
			s.Config = json.RawMessage(`{"webhooks":[]}`)
		}
		say(200, s)
		return
	}
	if f.readOnly {
		say(403, map[string]any{"message": "Forbidden", "statusCode": 403})
		return
	}
	var body struct{ Config json.RawMessage }
	if text, err := io.ReadAll(r.Body); err != nil || json.Unmarshal(text, &body) != nil || r.Method != http.MethodPut {
		say(400, map[string]any{"message": "bad request", "statusCode": 400})
		return
	}
	s.Config = body.Config
	f.puts++
	if s.Status != "STOPPED" && !f.deaf {
		go announce(*s, f.puts)
	}
	say(200, s)
}

// announce sends session.status to every hook that asks for it, signed with its
// key.
func announce(s fakeSession, n int) {
	var config struct {
		Webhooks []struct {
			URL    string
			Events []string
			HMAC   *struct{ Key string }
		}
	}
	_ = json.Unmarshal(s.Config, &config)
	now := time.Now().UnixMilli()
	body := fmt.Sprintf(`{"id":"evt_status%d","timestamp":%d,"event":"session.status","session":%q,"me":null,"payload":{"name":%q,"status":"STARTING","statuses":[],"data":null},"environment":{"engine":"GOWS"}}`, n, now, s.Name, s.Name)
	for _, h := range config.Webhooks {
		if !strings.Contains(strings.Join(h.Events, " "), "session.status") {
			continue
		}
		req, err := http.NewRequest(http.MethodPost, h.URL, strings.NewReader(body))
		if err != nil {
			continue
		}
		if h.HMAC != nil {
			req.Header.Set(waha.HeaderHmac, waha.Sign([]byte(h.HMAC.Key), []byte(body)))
			req.Header.Set(waha.HeaderHmacAlgorithm, "sha512")
		}
		if res, err := door.Do(req); err == nil {
			res.Body.Close()
		}
	}
}

// cmdWAHA starts a WAHA with the sessions of a file (the JSON of GET
// /api/sessions). The variable NAME is its host and port. What a script says of
// one that runs already changes it.
func cmdWAHA(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) >= 1, "waha NAME [FILE] [key=KEY] [readonly] [deaf] [changing] [well]")
	s := stageOf(ts)
	f := s.wahas[args[0]]
	if f == nil {
		f = &fakeWAHA{key: "waha-api-key"}
		l, err := net.Listen("tcp", "127.0.0.1:0")
		ts.Check(err)
		server := &http.Server{Handler: f}
		go func() { _ = server.Serve(l) }() // until it is closed
		ts.Defer(func() { server.Close() })
		if s.wahas == nil {
			s.wahas = map[string]*fakeWAHA{}
		}
		s.wahas[args[0]] = f
		ts.Setenv(args[0], l.Addr().String())
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, arg := range args[1:] {
		switch key, isKey := strings.CutPrefix(arg, "key="); {
		case isKey:
			f.key = key
		case arg == "readonly":
			f.readOnly = true
		case arg == "deaf":
			f.deaf = true
		case arg == "changing":
			f.changing = true
		case arg == "well":
			f.readOnly, f.deaf, f.changing = false, false, false
		default:
			ts.Check(json.Unmarshal([]byte(ts.ReadFile(arg)), &f.sessions))
		}
	}
}

// cmdSessions prints what a WAHA has: a line for each session, and how often one
// was written.
func cmdSessions(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 1 && stageOf(ts).wahas[args[0]] != nil, "sessions NAME")
	f := stageOf(ts).wahas[args[0]]
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range f.sessions {
		fmt.Fprintf(ts.Stdout(), "%s %s\n", s.Name, s.Config)
	}
	fmt.Fprintf(ts.Stdout(), "written %d times\n", f.puts)
}
