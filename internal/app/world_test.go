package app

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"tandai/internal/config"
	"tandai/internal/store"
	"tandai/internal/waha"
)

// patience is for what happens within milliseconds on a machine that is idle.
const patience = 45 * time.Second

// configured reads a configuration whose data lie in a folder of the test's.
func configured(t *testing.T, yaml string) *config.Config {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "tandai.yaml")
	if err := os.WriteFile(file, []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Source{Path: file, Flags: map[string]string{"data_dir": filepath.Join(dir, "data"), "addr": "127.0.0.1:0"}}.Load()
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// running is a Tandai at work.
type running struct {
	t      *testing.T
	server *Server
	base   string // http://host:port
	log    *said
	cancel context.CancelFunc
	ended  chan error
	once   sync.Once
	err    error
}

// serve runs a Tandai until the test ends, or stop.
func serve(t *testing.T, cfg *config.Config, change ...func(*Server)) *running {
	t.Helper()
	return serveAs(t, cfg, Options{Version: "test"}, change...)
}

// serveAs is serve with options; the test's own Ready replaces theirs.
func serveAs(t *testing.T, cfg *config.Config, opt Options, change ...func(*Server)) *running {
	t.Helper()
	r := &running{t: t, log: &said{}, ended: make(chan error, 1)}
	open := make(chan net.Addr, 1)
	var err error
	opt.Ready = func(a net.Addr) { open <- a }
	r.server, err = NewServer(cfg, opt, NewLog(r.log, config.Log{Format: "text", Level: "debug"}))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range change {
		f(r.server)
	}
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	go func() { r.ended <- r.server.Run(ctx) }()
	t.Cleanup(func() { _ = r.stop() }) // its error is the business of who calls stop
	select {
	case a := <-open:
		r.base = "http://" + a.String()
	case err := <-r.ended:
		t.Fatalf("it did not start: %v", err)
	}
	return r
}

// stop ends it as SIGTERM does, and says how it ended.
func (r *running) stop() error {
	r.once.Do(func() {
		r.cancel()
		select {
		case r.err = <-r.ended:
		case <-time.After(patience):
			r.err = fmt.Errorf("it did not end:\n%s", r.log)
		}
	})
	return r.err
}

// said is a log that is written and read at once.
type said struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// client follows no redirects and keeps no connections.
var client = &http.Client{
	Timeout:       patience,
	Transport:     &http.Transport{DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// deliver posts a body to a door, signed where key is not empty.
func (r *running) deliver(hook, key, body string) (int, string) {
	r.t.Helper()
	req, err := http.NewRequest(http.MethodPost, r.base+hook, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	if key != "" {
		req.Header.Set(waha.HeaderHmac, waha.Sign([]byte(key), []byte(body)))
	}
	return r.do(req)
}

func (r *running) do(req *http.Request) (int, string) {
	r.t.Helper()
	res, err := client.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func (r *running) get(path string) (int, string) {
	r.t.Helper()
	req, err := http.NewRequest(http.MethodGet, r.base+path, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	return r.do(req)
}

// ready asks /readyz.
func (r *running) ready() (code int, state readiness) {
	r.t.Helper()
	code, body := r.get("/readyz")
	if err := json.Unmarshal([]byte(body), &state); err != nil {
		r.t.Fatalf("readyz answers %d %q: %v", code, body, err)
	}
	return code, state
}

// until waits for /readyz to say what is wanted.
func (r *running) until(what string, ok func(code int, state readiness) bool) {
	r.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		code, state := r.ready()
		if ok(code, state) {
			return
		}
		if time.Now().After(deadline) {
			r.t.Fatalf("waited %v until %s: %d %+v\n%s", patience, what, code, state, r.log)
		}
	}
}

func (r *running) drained() {
	r.t.Helper()
	r.until("nothing waits", func(_ int, s readiness) bool { return s.Database == "up" && s.Inbox == "ok" && s.Waiting == 0 })
}

// labelled is a label put on a chat, as GOWS sends it.
func labelled(session, id, chat, label string, at int64) string {
	return fmt.Sprintf(`{"id":%q,"timestamp":%d,"event":"label.chat.added","session":%q,"me":{"id":"6281199900001@c.us","pushName":"CS"},`+
		`"payload":{"labelId":%q,"label":null,"chatId":%q},"environment":{"version":"2026.9.2","engine":"GOWS","tier":"CORE","browser":null}}`,
		id, at, session, label, chat)
}

// log reads the whole log of a database.
func logOf(t *testing.T, cfg *config.Config) []store.LogRow {
	t.Helper()
	db, err := OpenExisting(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var rows []store.LogRow
	if err := db.Export(t.Context(), store.ExportFilter{}, func(r store.LogRow) error { rows = append(rows, r); return nil }); err != nil {
		t.Fatal(err)
	}
	return rows
}

var quiet = slog.New(slog.DiscardHandler)
