package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tandai/internal/inbox"
	"tandai/internal/label"
	"tandai/internal/waha"
)

const sampleKey = "my-secret-key"

// sample is a body as a real WAHA sent it.
func sample(t testing.TB, number string) []byte {
	t.Helper()
	names, err := filepath.Glob("testdata/samples/" + number + "-*.json")
	if err != nil || len(names) != 1 {
		t.Fatalf("sample %s: %v, %v", number, names, err)
	}
	body, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// event makes a distinct label event.
func event(n int) []byte {
	return fmt.Appendf(nil, `{"id":"evt_01m8325%019d","timestamp":1795399261337,"event":"label.chat.added","session":"cs1","payload":{"n":%d}}`, n, n)
}

// lines collects log lines from several goroutines.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// world is a door over real HTTP, with a real inbox behind it.
type world struct {
	t    testing.TB
	box  *inbox.Inbox
	door *Door
	http *httptest.Server
	log  *lines
}

func newWorld(t testing.TB, change func(*Config)) *world {
	t.Helper()
	wd := &world{t: t, log: &lines{}}
	log := slog.New(slog.NewTextHandler(wd.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	wd.box, err = inbox.Open(context.Background(), inbox.Config{Path: filepath.Join(t.TempDir(), "inbox.db"), MinFreeBytes: -1, Log: log})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { wd.box.Close() })
	cfg := Config{Servers: []Server{{Keys: waha.Keys{[]byte(sampleKey)}}}, Inbox: wd.box, Log: log}
	if change != nil {
		change(&cfg)
	}
	if wd.door, err = New(cfg); err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusTeapot) })
	wd.http = httptest.NewServer(wd.door.Wrap(mux))
	t.Cleanup(wd.http.Close)
	return wd
}

func sign(body []byte) http.Header {
	return http.Header{"X-Webhook-Hmac": {waha.Sign([]byte(sampleKey), body)}, "X-Webhook-Hmac-Algorithm": {"sha512"},
		"Content-Type": {"application/json"}}
}

type response struct {
	status int
	header http.Header
	Answer
}

// read takes a response apart, and holds it to what is true of every answer.
func (wd *world) read(res *http.Response) response {
	wd.t.Helper()
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		wd.t.Fatal(err)
	}
	r := response{status: res.StatusCode, header: res.Header}
	if res.Request != nil && res.Request.Method == http.MethodHead {
		return r
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&r.Answer); err != nil || bytes.Count(text, []byte("\n")) != 1 || text[len(text)-1] != '\n' {
		wd.t.Fatalf("the answer is not one line of JSON: %q (%v)", text, err)
	}
	if got := res.Header.Get("Content-Type"); got != "application/json" {
		wd.t.Errorf("Content-Type %q", got)
	}
	if r.status/100 == 3 || r.header.Get("Location") != "" {
		wd.t.Errorf("redirected: %d", r.status)
	}
	kept := map[string]bool{"stored": true, "known": true, "quarantined": true}[r.Result]
	ok := kept || r.Result == "probed"
	if ok != (r.status == 200) || kept != (len(r.EventID) == 64) || (r.Reason == "") != (r.Result == "stored" || r.Result == "known") {
		wd.t.Errorf("answer %d %+v", r.status, r.Answer)
	}
	if (r.header.Get("Retry-After") != "") != (r.status == 503) {
		wd.t.Errorf("%d with Retry-After %q", r.status, r.header.Get("Retry-After"))
	}
	return r
}

func (wd *world) send(method, path string, body io.Reader, h http.Header) response {
	wd.t.Helper()
	req, err := http.NewRequest(method, wd.http.URL+path, body)
	if err != nil {
		wd.t.Fatal(err)
	}
	for k, v := range h {
		req.Header[k] = v
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		wd.t.Fatalf("%s %s: %v", method, path, err)
	}
	return wd.read(res)
}

func (wd *world) post(body []byte) response {
	wd.t.Helper()
	return wd.send("POST", "/webhooks/waha", bytes.NewReader(body), sign(body))
}

// stored reads all there is in the inbox.
func (wd *world) stored() []inbox.Delivery {
	wd.t.Helper()
	list, _, err := wd.box.Range(context.Background(), inbox.Filter{}, 0, 100_000)
	if err != nil {
		wd.t.Fatal(err)
	}
	return list
}

func TestDoor_StoresEachOnce(t *testing.T) {
	wd := newWorld(t, nil)
	body := sample(t, "01")
	want := label.EventID("", "toko-aisyah", "label.chat.added", "evt_01m832574sx9yj2gr3rewpm6jp")
	for _, result := range []string{"stored", "known", "known"} {
		got := wd.post(body)
		if d := cmp.Diff(Answer{Result: result, EventID: want}, got.Answer); d != "" || got.status != 200 {
			t.Errorf("%d (-want +got):\n%s", got.status, d)
		}
	}
	list := wd.stored()
	if len(list) != 1 {
		t.Fatalf("%d bodies, want 1", len(list))
	}
	d := list[0]
	if !bytes.Equal(d.Body, body) || d.At == 0 || d.Session != "toko-aisyah" || d.State != inbox.Waiting || label.Key(d.Key).ID() != want {
		t.Errorf("stored %s of %s at %d, %v: %s", label.Key(d.Key).ID(), d.Session, d.At, d.State, d.Body)
	}
}

func TestDoor_Signature(t *testing.T) {
	old, now := "the old key", sampleKey
	wd := newWorld(t, func(c *Config) { c.Servers[0].Keys = waha.Keys{[]byte(old), []byte(now)} })
	body := event(1)
	with := func(key, value string) http.Header {
		h := sign(body)
		h[http.CanonicalHeaderKey(key)] = []string{value}
		return h
	}
	for _, x := range []struct {
		name   string
		header http.Header
		body   []byte
		status int
		reason string
	}{
		{"none", http.Header{}, body, 401, "missing"},
		{"empty", with("X-Webhook-Hmac", ""), body, 401, "missing"},
		{"of another body", sign(event(2)), body, 401, "does not match"},
		{"of a body one byte longer", sign(body), append(bytes.Clone(body), ' '), 401, "does not match"},
		{"with another key", with("X-Webhook-Hmac", waha.Sign([]byte("guess"), body)), body, 401, "does not match"},
		{"with an empty key", with("X-Webhook-Hmac", waha.Sign(nil, body)), body, 401, "does not match"},
		{"cut short", with("X-Webhook-Hmac", sign(body)["X-Webhook-Hmac"][0][:64]), body, 401, "hex digits"},
		{"not hex", with("X-Webhook-Hmac", strings.Repeat("zz", 64)), body, 401, "hex digits"},
		{"of an unknown version", with("X-Webhook-Hmac-Version", "2"), body, 401, "Version"},
		{"of an unknown algorithm", with("X-Webhook-Hmac-Algorithm", "sha256"), body, 401, "sha256"},
		{"given twice", http.Header{"X-Webhook-Hmac": {sign(body)["X-Webhook-Hmac"][0], "x"}}, body, 401, "more than once"},
		{"right", sign(body), body, 200, ""},
		{"right, with the key before", with("X-Webhook-Hmac", waha.Sign([]byte(old), body)), body, 200, ""},
	} {
		t.Run(x.name, func(t *testing.T) {
			wd.t = t
			got := wd.send("POST", "/webhooks/waha", bytes.NewReader(x.body), x.header)
			if got.status != x.status || !strings.Contains(got.Reason, x.reason) {
				t.Errorf("%d %+v, want %d with %q", got.status, got.Answer, x.status, x.reason)
			}
			if (got.header.Get("Www-Authenticate") != "") != (got.status == 401) {
				t.Errorf("%d with WWW-Authenticate %q", got.status, got.header.Get("Www-Authenticate"))
			}
		})
	}
	wd.t = t
	if got := len(wd.stored()); got != 1 {
		t.Errorf("%d bodies, want only what was signed rightly", got)
	}
}

func TestDoor_WithoutKeys(t *testing.T) {
	wd := newWorld(t, func(c *Config) { c.Servers = nil })
	for _, h := range []http.Header{{}, {"X-Webhook-Hmac": {"nonsense"}}} {
		if got := wd.send("POST", "/webhooks/waha", bytes.NewReader(event(1)), h); got.status != 200 {
			t.Errorf("%d %+v", got.status, got.Answer)
		}
	}
}

func TestDoor_Methods(t *testing.T) {
	wd := newWorld(t, nil)
	for _, m := range []string{"GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "post"} {
		for _, path := range []string{"/webhooks/waha", "/webhooks/waha/", "//webhooks/waha?x=1"} {
			got := wd.send(m, path, strings.NewReader(""), nil)
			if got.status != 405 || got.header.Get("Allow") != "POST" {
				t.Errorf("%s %s: %d, Allow %q", m, path, got.status, got.header.Get("Allow"))
			}
		}
	}
}

func TestDoor_Servers(t *testing.T) {
	keys := func(k string) waha.Keys { return waha.Keys{[]byte(k)} }
	wd := newWorld(t, func(c *Config) {
		c.Servers = []Server{{Name: "jkt", Keys: keys("a")}, {Name: "sby", Keys: keys("b")}, {Name: "open"}}
	})
	body := event(1)
	send := func(path, key string) response {
		return wd.send("POST", path, bytes.NewReader(body), http.Header{"X-Webhook-Hmac": {waha.Sign([]byte(key), body)}})
	}
	for _, x := range []struct {
		path, key, result, reason string
		status                    int
	}{
		{"/webhooks/waha", "a", "stored", "", 200},
		{"/webhooks/waha/jkt", "a", "known", "", 200}, // the first server, by its name
		{"/webhooks/waha/sby", "a", "rejected", "does not match", 401},
		{"/webhooks/waha/sby", "b", "stored", "", 200}, // the same envelope of another server is another event
		{"/webhooks/waha/open", "any", "stored", "", 200},
		{"/webhooks/waha/JKT", "a", "rejected", `no WAHA server "JKT" is configured, only: jkt, sby, open`, 404},
		{"/webhooks/waha/jkt/x", "a", "rejected", "only: jkt", 404},
		{"/webhooks/waha/" + strings.Repeat("x", 500), "a", "rejected", "xxx…", 404},
		{"/webhooks/waha/%22%0a%00", "a", "rejected", "only: jkt", 404},
		{"/webhooks/other", "a", "rejected", "received at /webhooks/waha", 404},
		{"/webhooks/", "a", "rejected", "received at /webhooks/waha", 404},
		{"/webhooks", "a", "rejected", "received at /webhooks/waha", 404},
	} {
		got := send(x.path, x.key)
		if got.status != x.status || got.Result != x.result || !strings.Contains(got.Reason, x.reason) {
			t.Errorf("%s: %d %+v, want %d %s with %q", x.path, got.status, got.Answer, x.status, x.result, x.reason)
		}
	}
	servers := []string{}
	for _, d := range wd.stored() {
		servers = append(servers, d.Server)
	}
	if d := cmp.Diff([]string{"", "sby", "open"}, servers); d != "" {
		t.Errorf("servers of what is stored (-want +got):\n%s", d)
	}
	alone := newWorld(t, nil)
	if got := alone.send("POST", "/webhooks/waha/jkt", nil, nil); got.status != 404 || !strings.Contains(got.Reason, "use /webhooks/waha") {
		t.Errorf("without named servers: %d %+v", got.status, got.Answer)
	}
}

func TestNew_Refuses(t *testing.T) {
	box := stub(func(inbox.Item) (bool, error) { return false, nil })
	for name, cfg := range map[string]Config{
		"no inbox":              {},
		"a name with a slash":   {Inbox: box, Servers: []Server{{Name: "a/b"}}},
		"a second without name": {Inbox: box, Servers: []Server{{Name: "a"}, {}}},
		"two of one name":       {Inbox: box, Servers: []Server{{Name: "a"}, {Name: "b"}, {Name: "a"}}},
	} {
		if _, err := New(cfg); err == nil {
			t.Errorf("%s: New succeeds", name)
		}
	}
}

// TestDoor_Unreadable: what is signed but not understood is kept as far as it
// may be, shown, and not asked for again.
func TestDoor_Unreadable(t *testing.T) {
	wd := newWorld(t, nil)
	const secret = "0812-SECRET-TEXT"
	bodies := map[string]string{
		"empty":              "",
		"white space":        " \n ",
		"not JSON":           "event=message&body=" + secret,
		"cut off":            `{"id":"evt_x","event":"message","payload":{"body":"` + secret,
		"an array":           `[{"event":"message","body":"` + secret + `"}]`,
		"a number":           "42",
		"deeply nested":      `{"event":"message","payload":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + "}",
		"invalid UTF-8":      "{\"event\":\"message\",\"session\":\"cs1\",\"payload\":{\"body\":\"" + secret + "\xff\xfe\"}}",
		"a NUL":              "{\"event\":\"message\",\"payload\":{\"body\":\"" + secret + "\x00\"}}",
		"no event":           `{"id":"evt_x","session":"cs1","payload":{"body":"` + secret + `"}}`,
		"event is a number":  `{"event":7,"payload":{"body":"` + secret + `"}}`,
		"event is all text":  `{"event":"` + secret + strings.Repeat(" ", 100) + `","payload":{}}`,
		"two envelopes":      `{"event":"message","payload":{}}{"event":"message","body":"` + secret + `"}`,
		"compressed, say we": "\x1f\x8b\x08\x00" + secret,
	}
	for name, body := range bodies {
		got := wd.post([]byte(body))
		if got.status != 200 || got.Result != "quarantined" {
			t.Errorf("%s: %d %+v, want it quarantined", name, got.status, got.Answer)
		}
		if strings.Contains(got.Reason, secret) {
			t.Errorf("%s: the reason repeats the body: %s", name, got.Reason)
		}
		if got := wd.post([]byte(body)); got.Result != "known" {
			t.Errorf("%s, sent again: %+v, want it known", name, got.Answer)
		}
	}
	list := wd.stored()
	if len(list) != len(bodies) {
		t.Errorf("%d kept, want %d", len(list), len(bodies))
	}
	for _, d := range list {
		if d.State != inbox.Quarantined || d.Reason == "" || bytes.Contains(d.Body, []byte(secret)) {
			t.Errorf("kept as %v (%s): %s", d.State, d.Reason, d.Body)
		}
	}
	if strings.Contains(wd.log.String(), secret) {
		t.Errorf("the log repeats a body:\n%s", wd.log)
	}
}

// TestDoor_KeepsOnlyWhatMayBeKept: no message text, no pairing code, and of
// unknown events the head alone.
func TestDoor_KeepsOnlyWhatMayBeKept(t *testing.T) {
	wd := newWorld(t, nil)
	for _, x := range []struct{ number, gone, kept string }{
		{"01", "", `"payload":{"labelId"`},
		{"09", "", `"label":{`},
		{"12", "", `"payload":{`},
		{"22", "passkey-secret", `"session.status"`},
		{"24", "Halo kak", "6281299900011@s.whatsapp.net"},
		{"30", "payload", `"session"`},
	} {
		body := sample(t, x.number)
		if x.gone == "passkey-secret" {
			x.gone = `"code"`
		}
		if got := wd.post(body); got.Result != "stored" {
			t.Errorf("sample %s: %d %+v", x.number, got.status, got.Answer)
			continue
		}
		list := wd.stored()
		d := list[len(list)-1]
		if x.gone != "" && bytes.Contains(d.Body, []byte(x.gone)) || !bytes.Contains(d.Body, []byte(x.kept)) {
			t.Errorf("sample %s is kept as %s", x.number, d.Body)
		}
		if x.gone == "" && !bytes.Equal(d.Body, body) {
			t.Errorf("sample %s is not kept as it came", x.number)
		}
	}
}

// stub is an Inbox made of a function.
type stub func(inbox.Item) (bool, error)

func (s stub) Put(_ context.Context, it inbox.Item) (bool, error) { return s(it) }

func TestDoor_NeverOKForWhatIsNotDurable(t *testing.T) {
	var fail error
	put := 0
	wd := newWorld(t, func(c *Config) {
		c.Inbox = stub(func(inbox.Item) (bool, error) { put++; return put%2 == 0, fail })
	})
	for _, x := range []struct {
		name   string
		err    error
		status int
		reason string
	}{
		{"full", &inbox.Error{Class: inbox.ErrFull, Op: "put"}, 503, "full"},
		{"read-only", &inbox.Error{Class: inbox.ErrReadOnly, Op: "put"}, 503, "durable"},
		{"damaged", &inbox.Error{Class: inbox.ErrCorrupt, Op: "put"}, 503, "durable"},
		{"closed", inbox.ErrClosed, 503, "durable"},
		{"anything", errors.New("/var/lib/secret-path: went wrong"), 503, "durable"},
		{"this one alone", &inbox.Error{Class: inbox.ErrRefused, Op: "put"}, 413, "cannot be kept"},
	} {
		fail = x.err
		for range 2 {
			for _, body := range [][]byte{event(1), []byte("not JSON")} {
				got := wd.post(body)
				if got.status != x.status || !strings.Contains(got.Reason, x.reason) || strings.Contains(got.Reason, "/var") {
					t.Errorf("%s: %d %+v", x.name, got.status, got.Answer)
				}
			}
		}
	}
}

func TestDoor_FullInbox(t *testing.T) {
	wd := newWorld(t, nil)
	small, err := inbox.Open(context.Background(), inbox.Config{Path: filepath.Join(t.TempDir(), "inbox.db"),
		MinFreeBytes: -1, MaxBytes: 256 << 10, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer small.Close()
	wd.door.inbox = small
	accepted := 0
	for n := 0; ; n++ {
		if n == 10_000 {
			t.Fatal("never full")
		}
		got := wd.post(event(n))
		if got.status == 200 {
			accepted++
			continue
		}
		if got.status != 503 || !strings.Contains(got.Reason, "full") {
			t.Errorf("%d %+v", got.status, got.Answer)
		}
		break
	}
	if got := wd.post(event(0)); got.Result != "known" {
		t.Errorf("a full inbox, asked for what it has: %d %+v", got.status, got.Answer)
	}
	list, _, err := small.Range(context.Background(), inbox.Filter{}, 0, 100_000)
	if err != nil || len(list) != accepted {
		t.Errorf("%d bodies, %v; %d were acknowledged", len(list), err, accepted)
	}
}

// TestDoor_Probe: a probe is judged as any body is, and leaves nothing behind.
func TestDoor_Probe(t *testing.T) {
	wd := newWorld(t, nil)
	body := []byte(`{"id":"evt_1","timestamp":1,"event":"` + ProbeEvent + `","session":"x","nonce":"7"}`)
	if got := wd.send("POST", "/webhooks/waha", bytes.NewReader(body), nil); got.status != 401 {
		t.Errorf("unsigned: %d %+v", got.status, got.Answer)
	}
	got := wd.send("POST", "/webhooks/waha", bytes.NewReader(body), sign(body))
	if want := (Answer{Result: "probed", Reason: "this was a probe: nothing is stored"}); got.status != 200 || got.Answer != want {
		t.Errorf("signed: %d %+v", got.status, got.Answer)
	}
	if n := len(wd.stored()); n != 0 {
		t.Errorf("%d stored", n)
	}
}
