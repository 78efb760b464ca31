package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandai/internal/waha"
)

// WAHA turns a redirected POST into an empty GET and calls it delivered.
func TestServer_neverRedirectsTheDoor(t *testing.T) {
	r := serve(t, configured(t, "waha: {hmac_key: key}"))
	paths := []string{"/webhooks/waha", "/webhooks/waha/", "//webhooks/waha", "/webhooks//waha", "///webhooks///waha//", "/./webhooks/waha",
		"/x/../webhooks/waha", "/webhooks/waha/.", "/webhooks/waha?x=1", "/webhooks/%77aha", "/webhooks/waha/nobody", "/webhooks/waha/nobody/",
		"/webhooks", "/webhooks/", "/webhooks/other", "/webhooks/../webhooks/waha"}
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"} {
		for _, path := range paths {
			code := rawRequest(t, r.base, method, path)
			want := http.StatusMethodNotAllowed
			if method == http.MethodPost {
				want = http.StatusUnauthorized // it is read, and not signed
			}
			if strings.Contains(path, "nobody") || strings.Contains(path, "other") || strings.TrimRight(path, "/") == "/webhooks" {
				want = http.StatusNotFound
			}
			if code != want {
				t.Errorf("%s %s: %d, want %d", method, path, code, want)
			}
		}
	}
	// Through a client that follows what it is told, as WAHA's does.
	body := labelled("cs1", "evt_1", "6281299900011@c.us", "1", 1726000001000)
	req, err := http.NewRequest(http.MethodPost, r.base+"//webhooks/waha/", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set(waha.HeaderHmac, waha.Sign([]byte("key"), []byte(body)))
	if code, answer := r.do(req); code != http.StatusOK || !strings.Contains(answer, `"result":"stored"`) {
		t.Errorf("signed: %d %s", code, answer)
	}
}

// rawRequest sends a path as it is written, which clients tidy up.
func rawRequest(t *testing.T, base, method, path string) int {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: tandai\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}", method, path)
	res, err := http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: method})
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	return res.StatusCode
}

// Two WAHA servers may have a session of the same name; each has keys and a door
// of its own, and one client's staff is ignored on the session it is named for.
func TestServer_twoServers(t *testing.T) {
	cfg := configured(t, `
waha:
  hmac_key: [first-new, first-old]
  servers:
    - name: second
      hmac_key: second-key
clients:
  - name: hansarang
    sessions: [{name: cs1}]
  - name: nalarkelas
    ignore: ["+62 811-0000-0111"]
    sessions: [{name: second.cs1, cs: CS 9, table: labeling_nalar}]
`)
	r := serve(t, cfg)
	const staff, lead = "6281100000111@c.us", "6281299900011@c.us"
	for _, tt := range []struct {
		name, hook, key, body, want string
	}{
		{"the first server", "/webhooks/waha", "first-new", labelled("cs1", "evt_1", lead, "1", 1726000001000), "200 stored"},
		{"its other key", "/webhooks/waha", "first-old", labelled("cs1", "evt_2", staff, "1", 1726000002000), "200 stored"},
		{"the second server, the same session and id", "/webhooks/waha/second", "second-key", labelled("cs1", "evt_1", lead, "1", 1726000003000), "200 stored"},
		{"the second server's staff", "/webhooks/waha/second", "second-key", labelled("cs1", "evt_2", staff, "1", 1726000004000), "200 stored"},
		{"known to the second server", "/webhooks/waha/second", "second-key", labelled("cs1", "evt_1", lead, "1", 1726000003000), "200 known"},
		{"the first server's key at the second door", "/webhooks/waha/second", "first-new", labelled("cs1", "evt_3", lead, "2", 1726000005000), "401 rejected"},
		{"the second server's key at the first door", "/webhooks/waha", "second-key", labelled("cs1", "evt_3", lead, "2", 1726000005000), "401 rejected"},
		{"a server nobody configured", "/webhooks/waha/third", "first-new", labelled("cs1", "evt_3", lead, "2", 1726000005000), "404 rejected"},
	} {
		code, answer := r.deliver(tt.hook, tt.key, tt.body)
		result, _, _ := strings.Cut(strings.TrimPrefix(answer, `{"result":"`), `"`)
		if got := fmt.Sprint(code, " ", result); got != tt.want {
			t.Errorf("%s: %s, want %s (%s)", tt.name, got, tt.want, answer)
		}
	}
	r.drained()
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, row := range logOf(t, cfg) {
		got = append(got, fmt.Sprint(row.At, " ", row.Session, " ", row.Client, " ", row.Lead))
	}
	want := []string{
		"1726000001000 cs1 hansarang 6281299900011",
		"1726000002000 cs1 hansarang 6281100000111", // staff of the other client only
		"1726000003000 second.cs1 nalarkelas 6281299900011",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A request that is under way when the end comes is answered, and what it brought
// is there.
func TestServer_stopsGracefully(t *testing.T) {
	cfg := configured(t, "waha: {hmac_key: key}")
	r := serve(t, cfg)
	body := labelled("cs1", "evt_1", "6281299900011@c.us", "1", 1726000001000)
	conn, err := net.Dial("tcp", strings.TrimPrefix(r.base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	half := len(body) / 2
	fmt.Fprintf(conn, "POST /webhooks/waha HTTP/1.1\r\nHost: tandai\r\nContent-Length: %d\r\n%s: %s\r\n\r\n%s",
		len(body), waha.HeaderHmac, waha.Sign([]byte("key"), []byte(body)), body[:half])
	r.untilHeld(1)
	r.cancel()
	for r.accepts() { // the door is closed to others at once
		time.Sleep(time.Millisecond)
	}
	if _, err := io.WriteString(conn, body[half:]); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("cut off: %v\n%s", err, r.log)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("answered %d, want 200", res.StatusCode)
	}
	if err := r.stop(); err != nil {
		t.Errorf("Run: %v", err)
	}
	if !strings.Contains(r.log.String(), "msg=stopped") {
		t.Errorf("it does not say that it stopped:\n%s", r.log)
	}
	// Recorded before the end or after the next start, but in the inbox by now.
	again := serve(t, cfg)
	if code, answer := again.deliver("/webhooks/waha", "key", body); code != http.StatusOK || !strings.Contains(answer, "known") {
		t.Errorf("sent again: %d %s, want it to be known", code, answer)
	}
	again.drained()
	if err := again.stop(); err != nil {
		t.Error(err)
	}
	if n := len(logOf(t, cfg)); n != 1 {
		t.Errorf("%d rows, want 1", n)
	}
}

// untilHeld waits until the door has n requests in hand.
func (r *running) untilHeld(n int) {
	r.t.Helper()
	want := fmt.Sprintf("tandai_intake_requests_in_flight %d\n", n)
	for deadline := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		_, page := r.get("/metrics")
		if strings.Contains(page, want) {
			return
		}
		if time.Now().After(deadline) {
			r.t.Fatalf("no %q in the metrics:\n%s", want, page)
		}
	}
}

func (r *running) accepts() bool {
	conn, err := net.DialTimeout("tcp", strings.TrimPrefix(r.base, "http://"), time.Second)
	if err != nil {
		return false
	}
	conn.Close()
	return true
}

// A sender that hangs does not hold up the end for longer than is configured.
func TestServer_stopsDespiteHungSender(t *testing.T) {
	r := serve(t, configured(t, "shutdown_timeout: 1s"))
	conn, err := net.Dial("tcp", strings.TrimPrefix(r.base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "POST /webhooks/waha HTTP/1.1\r\nHost: tandai\r\nContent-Length: 100\r\n\r\n{")
	r.untilHeld(1)
	started := time.Now()
	if err := r.stop(); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Run: %v, want that the time was up", err)
	}
	if took := time.Since(started); took < time.Second || took > patience/2 {
		t.Errorf("it took %v, want about a second", took)
	}
}

func TestServer_pages(t *testing.T) {
	cfg := configured(t, "metrics: {token: let-me-in}")
	r := serve(t, cfg)
	r.drained()
	const port = "54321"
	local := func(req *http.Request) { req.RemoteAddr, req.Host = "127.0.0.1:"+port, "127.0.0.1:8080" }
	from := func(peer string) func(*http.Request) {
		return func(req *http.Request) { req.RemoteAddr, req.Host = peer, "tandai.example" }
	}
	with := func(name, value string) func(*http.Request) {
		return func(req *http.Request) { local(req); req.Header.Set(name, value) }
	}
	token := func(value string) func(*http.Request) {
		return func(req *http.Request) { from("203.0.113.9:" + port)(req); req.Header.Set("Authorization", value) }
	}
	for _, tt := range []struct {
		name string
		from func(*http.Request)
		// what /metrics, / and /healthz and /readyz answer
		metrics, page int
	}{
		{"this machine", local, 200, 200},
		{"this machine by IPv6", func(r *http.Request) { r.RemoteAddr, r.Host = "[::1]:"+port, "[::1]:8080" }, 200, 200},
		{"this machine by name", func(r *http.Request) { r.RemoteAddr, r.Host = "127.0.0.1:"+port, "localhost" }, 200, 200},
		{"another machine", from("203.0.113.9:" + port), 401, 403},
		{"another machine of the network", from("10.0.0.7:" + port), 401, 403},
		{"another machine that claims to be this one", func(r *http.Request) { r.RemoteAddr, r.Host = "203.0.113.9:"+port, "127.0.0.1" }, 401, 403},
		{"a proxy on this machine", with("X-Forwarded-For", "203.0.113.9"), 401, 403},
		{"a proxy that forwards for this machine", with("X-Forwarded-For", "127.0.0.1"), 401, 403},
		{"a proxy by the standard header", with("Forwarded", "for=203.0.113.9"), 401, 403},
		{"a proxy of another make", with("X-Real-Ip", "203.0.113.9"), 401, 403},
		{"this machine by a name that somebody pointed here", func(r *http.Request) { r.RemoteAddr, r.Host = "127.0.0.1:"+port, "evil.example" }, 200, 403},
		{"the token from elsewhere", token("Bearer let-me-in"), 200, 403},
		{"the token through a proxy", func(r *http.Request) { token("Bearer let-me-in")(r); r.Header.Set("X-Forwarded-For", "203.0.113.9") }, 200, 403},
		{"a wrong token", token("Bearer let-me-out"), 401, 403},
		{"the beginning of the token", token("Bearer let-me"), 401, 403},
		{"no token", token("Bearer "), 401, 403},
		{"the token in another scheme", token("Basic let-me-in"), 401, 403},
	} {
		for path, want := range map[string]int{"/metrics": tt.metrics, "/": tt.page, "/healthz": 200, "/readyz": 200} {
			req := httptest.NewRequest(http.MethodGet, path, nil)
			tt.from(req)
			res := httptest.NewRecorder()
			r.server.http.Handler.ServeHTTP(res, req)
			if res.Code != want {
				t.Errorf("%s: %s answers %d, want %d", tt.name, path, res.Code, want)
			}
			if body := res.Body.String(); strings.Contains(body, "let-me-in") {
				t.Errorf("%s: %s tells the token", tt.name, path)
			} else if isMetrics := strings.Contains(body, "tandai_pipeline_"); isMetrics != (path == "/metrics" && want == 200) {
				t.Errorf("%s: %s with %d shows metrics: %v", tt.name, path, want, isMetrics)
			}
		}
	}

	// Without a token nobody else gets in, not even with an empty one.
	bare := serve(t, configured(t, ""))
	for _, header := range []string{"", "Bearer ", "Bearer", "Bearer x"} {
		req := httptest.NewRequest(http.MethodGet, "/metrics", nil)
		token(header)(req)
		res := httptest.NewRecorder()
		bare.server.http.Handler.ServeHTTP(res, req)
		if res.Code != http.StatusUnauthorized || res.Header().Get("WWW-Authenticate") == "" {
			t.Errorf("no token is set, %q: %d, want 401 and a challenge", header, res.Code)
		}
	}
}

func TestServer_health(t *testing.T) {
	r := serve(t, configured(t, ""))
	r.drained()
	if code, body := r.get("/healthz"); code != 200 || body != `{"status":"alive","version":"test"}`+"\n" {
		t.Errorf("healthz: %d %s", code, body)
	}
	code, state := r.ready()
	if _, err := time.Parse(time.RFC3339, state.DatabaseSince); err != nil {
		t.Errorf("database_since: %v", err)
	}
	state.DatabaseSince = ""
	if diff := cmp.Diff(readiness{Status: "ready", Inbox: "ok", Database: "up"}, state); diff != "" || code != 200 {
		t.Errorf("readyz: %d (-want +got):\n%s", code, diff)
	}
	for _, path := range []string{"/healthz", "/readyz", "/metrics"} {
		req, err := http.NewRequest(http.MethodPost, r.base+path, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		if code, _ := r.do(req); code < 400 || code >= 500 {
			t.Errorf("POST %s: %d", path, code)
		}
	}
}

func TestNewServer_refusals(t *testing.T) {
	const key, server = "waha: {hmac_key: key}", "waha: {hmac_key: key, servers: [{name: second}]}"
	for _, tt := range []struct {
		name, yaml, addr string
		insecure         bool
		want             error
	}{
		{"loopback without a key", "", "127.0.0.1:0", false, nil},
		{"IPv6 loopback without a key", "", "[::1]:0", false, nil},
		{"localhost without a key", "", "localhost:0", false, nil},
		{"everywhere without a key", "", ":0", false, ErrNoKey},
		{"everywhere by IPv4 without a key", "", "0.0.0.0:0", false, ErrNoKey},
		{"everywhere by IPv6 without a key", "", "[::]:0", false, ErrNoKey},
		{"one address without a key", "", "192.0.2.1:0", false, ErrNoKey},
		{"a name without a key", "", "tandai.example:0", false, ErrNoKey},
		{"everywhere with a key", key, ":0", false, nil},
		{"everywhere without a key, as told", "", ":0", true, nil},
		{"one server of two without a key", server, ":0", false, ErrNoKey},
		{"one server of two without a key, on loopback", server, "127.0.0.1:0", false, nil},
	} {
		cfg := configured(t, tt.yaml)
		cfg.Addr = tt.addr
		s, err := NewServer(cfg, Options{InsecureNoHMAC: tt.insecure}, quiet)
		if !errors.Is(err, tt.want) || (err == nil) != (tt.want == nil) {
			t.Errorf("%s: %v, want %v", tt.name, err, tt.want)
		}
		if s != nil {
			s.store.Close()
		}
	}
}

func TestServer_addressTaken(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	cfg := configured(t, "")
	cfg.Addr = l.Addr().String()
	s, err := NewServer(cfg, Options{}, quiet)
	if err != nil {
		t.Fatal(err)
	}
	err = s.Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), cfg.Addr) || !strings.Contains(err.Error(), "--addr") {
		t.Errorf("Run: %v, want the address and what to do", err)
	}
}
