package rest

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
)

const (
	key   = "k3y-of-the-agency"
	phone = "6281299900011"
)

// server answers every call with one answer, and remembers what was asked.
type server struct {
	status int
	header http.Header
	body   string

	mu    sync.Mutex
	asked []string // "GET /api/x?y"
	sent  []string // bodies
	keys  []string
}

func (w *server) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	w.mu.Lock()
	w.asked = append(w.asked, r.Method+" "+r.RequestURI)
	w.sent = append(w.sent, string(body))
	w.keys = append(w.keys, r.Header.Get("X-Api-Key"))
	w.mu.Unlock()
	for k, v := range w.header {
		rw.Header()[k] = v
	}
	rw.WriteHeader(w.status)
	io.WriteString(rw, w.body)
}

// serve starts a server that answers with status and body, and a client of it.
func serve(t *testing.T, status int, body string) (*server, *Client) {
	t.Helper()
	w := &server{status: status, body: body, header: http.Header{}}
	return w, client(t, w, Config{})
}

func client(t *testing.T, h http.Handler, cfg Config) *Client {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	cfg.URL, cfg.Key = srv.URL, key
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestNew(t *testing.T) {
	cases := map[string]struct {
		cfg  Config
		want string // in the error; "" = none
	}{
		"plain":               {Config{URL: "http://waha:3000"}, ""},
		"with a base":         {Config{URL: " https://waha.example/api-of/waha/ ", Key: "x"}, ""},
		"nothing":             {Config{}, "http(s)://"},
		"no scheme":           {Config{URL: "waha:3000"}, "http(s)://"},
		"another scheme":      {Config{URL: "ftp://waha"}, "http(s)://"},
		"a query":             {Config{URL: "http://waha?x-api-key=s3cret"}, "http(s)://"},
		"no URL":              {Config{URL: "http://u:s3cret@waha:port"}, "http(s)://"},
		"a key of two lines":  {Config{URL: "http://waha", Key: "s3cret\ns3cret"}, "line break"},
		"a key with a letter": {Config{URL: "http://waha", Key: "s3cret…"}, "header"},
		"a negative bound":    {Config{URL: "http://waha", PerSession: -1}, "negative"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := New(c.cfg)
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("got %v, want something with %q", err, c.want)
			case err != nil && strings.Contains(err.Error(), "s3cret"):
				t.Errorf("a secret is in %q", err)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	kinds := []error{ErrUnauthorized, ErrForbidden, ErrNotFound, ErrNotWorking, ErrInvalid, ErrServer, ErrUnreachable}
	cases := map[string]struct {
		status int
		body   string
		kind   error
		want   string
	}{
		"wrong key": {401, `{"message":"Unauthorized","statusCode":401}`, ErrUnauthorized,
			`cannot read the labels (session "cs1"): WAHA does not accept the API key`},
		"missing right": {403, `{"message":"Forbidden","statusCode":403}`, ErrForbidden,
			`cannot read the labels (session "cs1"): the API key lacks the right "read" for this session`},
		"unknown session": {404, `{"message":"Session not found","error":"Not Found","statusCode":404}`, ErrNotFound,
			`cannot read the labels (session "cs1"): WAHA does not know it (404): Session not found`},
		"a proxy's 404": {404, `<html>nothing here</html>`, ErrNotFound,
			`cannot read the labels (session "cs1"): WAHA does not know it (404)`},
		"not working": {422, `{"error":"Session status is not as expected. Try again later or restart the session","session":"cs1","status":"STOPPED","expected":["WORKING"]}`, ErrNotWorking,
			`cannot read the labels (session "cs1"): the session is STOPPED, want WORKING`},
		"not working, who knows why": {422, `{"error":"Session status","expected":["WORKING"]}`, ErrNotWorking,
			`cannot read the labels (session "cs1"): the session is in an unknown status, want WORKING`},
		"invalid": {422, `{"message":"Invalid LID - it must end with @lid","error":"Unprocessable Entity","statusCode":422}`, ErrInvalid,
			`cannot read the labels (session "cs1"): WAHA refuses the request (422): Invalid LID - it must end with @lid`},
		"several complaints": {400, `{"message":["chatId must be a string","text must be a string"],"error":"Bad Request","statusCode":400}`, ErrInvalid,
			`cannot read the labels (session "cs1"): WAHA refuses the request (400): chatId must be a string; text must be a string`},
		"too many": {429, ``, ErrInvalid, `cannot read the labels (session "cs1"): WAHA refuses the request (429)`},
		"unexpected (WAHA #1626)": {500, `{"statusCode":500,"timestamp":"2026-01-01T00:00:00.000Z","exception":{"message":"no app state keys found","name":"Error","stack":"Error: at x.js:1"},"request":{"path":"/api/cs1/labels","body":{"text":"halo"}},"version":{}}`, ErrServer,
			`cannot read the labels (session "cs1"): WAHA failed (500): no app state keys found`},
		"a proxy's 502": {502, `<html>Bad Gateway</html>`, ErrServer, `cannot read the labels (session "cs1"): WAHA failed (502)`},
		"says the key and a number": {500, `{"message":"key ` + key + ` of ` + phone + `\u0000\n` + strings.Repeat("x", 500) + `"}`, ErrServer,
			`cannot read the labels (session "cs1"): WAHA failed (500): key [key] of 62812… ` + strings.Repeat("x", 200-len("key [key] of 62812… ")) + "…"},
		"not JSON":    {200, `<html>log in</html>`, ErrServer, `cannot read the labels (session "cs1"): WAHA failed (200): its answer is no JSON, at byte 1`},
		"cut off":     {200, `[{"id":"1","name":"Gra`, ErrServer, `cannot read the labels (session "cs1"): WAHA failed (200): its answer ends after 22 bytes, in the middle`},
		"nothing":     {200, ``, ErrServer, `cannot read the labels (session "cs1"): WAHA failed (200): its answer is empty`},
		"other shape": {200, `{"labels":[]}`, ErrServer, `cannot read the labels (session "cs1"): WAHA failed (200): its answer has the wrong shape: the whole is object`},
		"no id":       {200, `[{"name":"Grade A"}]`, ErrServer, `cannot read the labels (session "cs1"): WAHA failed (200): its answer has a label without an id, at place 0`},
		"too deep":    {200, strings.Repeat("[", 20_000), ErrServer, `cannot read the labels (session "cs1"): WAHA failed (200): its answer has the wrong shape: `},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, cl := serve(t, c.status, c.body)
			_, _, err := cl.Labels(t.Context(), "cs1")
			var e *Error
			if !errors.As(err, &e) {
				t.Fatalf("got %v, want an *Error", err)
			}
			if e.Status != c.status || e.Session != "cs1" || e.Op != "read the labels" {
				t.Errorf("got %+v", e)
			}
			for _, k := range kinds {
				if errors.Is(err, k) != errors.Is(c.kind, k) {
					t.Errorf("is %q: %v", k, errors.Is(err, k))
				}
			}
			if got := err.Error(); got != c.want && name != "too deep" {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestErrors_rights(t *testing.T) {
	cases := map[string]struct {
		call func(*Client, context.Context) error
		want string
	}{
		"reading a session": {func(c *Client, ctx context.Context) error { _, err := c.Session(ctx, "cs1"); return err }, RightRead},
		"reading lids":      {func(c *Client, ctx context.Context) error { _, err := c.Lids(ctx, "cs1", 1, 0); return err }, RightRead},
		"configuring": {func(c *Client, ctx context.Context) error {
			_, err := c.PutSession(ctx, "cs1", json.RawMessage("{}"))
			return err
		}, RightSetting},
		"restarting": {func(c *Client, ctx context.Context) error { return c.RestartSession(ctx, "cs1") }, RightControl},
		"sending": {func(c *Client, ctx context.Context) error {
			_, err := c.SendText(ctx, "cs1", Text{ChatID: "1@c.us", Text: "x"})
			return err
		}, RightSend},
		"the server": {func(c *Client, ctx context.Context) error { _, err := c.ServerStatus(ctx); return err }, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, cl := serve(t, 403, `{"message":"Forbidden","statusCode":403}`)
			err := c.call(cl, t.Context())
			var e *Error
			if !errors.Is(err, ErrForbidden) || !errors.As(err, &e) || e.Right != c.want {
				t.Errorf("got %v, want the right %q to be missing", err, c.want)
			}
		})
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	elsewhere := &server{status: 200, body: `[]`}
	other := httptest.NewServer(elsewhere)
	defer other.Close()
	w, c := serve(t, 301, "")
	w.header.Set("Location", other.URL+"/api/cs1/labels")
	_, _, err := c.Labels(t.Context(), "cs1")
	if !errors.Is(err, ErrServer) || !strings.Contains(err.Error(), "redirects") {
		t.Errorf("got %v", err)
	}
	if len(elsewhere.asked) != 0 {
		t.Errorf("it was followed, with key %q", elsewhere.keys)
	}
}

func TestUnreachable(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	url := srv.URL
	srv.Close()
	c, err := New(Config{URL: strings.Replace(url, "http://", "http://user:s3cret@", 1), Key: key})
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = c.ChatLabels(t.Context(), "cs1", phone+"@c.us")
	if !errors.Is(err, ErrUnreachable) || !strings.Contains(err.Error(), url) {
		t.Errorf("got %v, want ErrUnreachable with %s", err, url)
	}
	for _, secret := range []string{key, phone, "s3cret", "user"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%q is in %q", secret, err)
		}
	}
}

func TestBrokenInTheMiddle(t *testing.T) {
	c := client(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000")
		io.WriteString(w, `[{"id":"1"`)
	}), Config{})
	if _, _, err := c.Labels(t.Context(), "cs1"); !errors.Is(err, ErrUnreachable) {
		t.Errorf("got %v, want ErrUnreachable: the connection broke", err)
	}
}

func TestTimeAndCancel(t *testing.T) {
	release := make(chan struct{})
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	t.Run("no answer in time", func(t *testing.T) {
		c := client(t, h, Config{Timeout: 20 * time.Millisecond})
		_, _, err := c.Labels(t.Context(), "cs1")
		if !errors.Is(err, ErrUnreachable) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("given up by the caller", func(t *testing.T) {
		c := client(t, h, Config{})
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(20*time.Millisecond, cancel)
		_, _, err := c.Labels(ctx, "cs1")
		if !errors.Is(err, context.Canceled) || errors.Is(err, ErrUnreachable) {
			t.Errorf("got %v, want a cancellation that does not accuse WAHA", err)
		}
	})
	t.Run("while waiting for a place", func(t *testing.T) {
		c := client(t, h, Config{PerSession: 1})
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 2)
		for range 2 {
			go func() { _, _, err := c.Labels(ctx, "cs1"); done <- err }()
		}
		cancel()
		for range 2 {
			if err := <-done; !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
		}
	})
	close(release)
}

func TestPerSession(t *testing.T) {
	var mu sync.Mutex
	now, most := map[string]int{}, map[string]int{}
	entered := make(chan string, 100)
	release := make(chan struct{})
	c := client(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		session := strings.Split(r.URL.Path, "/")[2]
		mu.Lock()
		now[session]++
		most[session] = max(most[session], now[session])
		mu.Unlock()
		entered <- session
		<-release
		mu.Lock()
		now[session]--
		mu.Unlock()
		io.WriteString(w, "[]")
	}), Config{PerSession: 2})
	var all sync.WaitGroup
	for range 6 {
		for _, s := range []string{"a", "b"} {
			all.Go(func() {
				if _, _, err := c.Labels(t.Context(), s); err != nil {
					t.Error(err)
				}
			})
		}
	}
	for range 4 {
		<-entered // both sessions have two on their way: neither waits for the other
	}
	close(release)
	all.Wait()
	if diff := cmp.Diff(map[string]int{"a": 2, "b": 2}, most); diff != "" {
		t.Error(diff)
	}
}

func TestAnswersAreLimited(t *testing.T) {
	plain := `[` + strings.Repeat(`{"id":"1"},`, 1000) + `{"id":"1"}]`
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	io.WriteString(z, plain)
	z.Close()
	for name, encoding := range map[string]string{"plain": "", "packed": "gzip"} {
		t.Run(name, func(t *testing.T) {
			w, c := serve(t, 200, plain)
			if encoding != "" {
				w.body = packed.String()
				w.header.Set("Content-Encoding", encoding)
			}
			if all, _, err := c.Labels(t.Context(), "cs1"); err != nil || len(all) != 1001 {
				t.Fatalf("%d labels, %v", len(all), err)
			}
			c.limit = int64(len(plain)) - 1
			if _, _, err := c.Labels(t.Context(), "cs1"); !errors.Is(err, ErrServer) || !strings.Contains(err.Error(), "longer than") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAsked(t *testing.T) {
	w, _ := serve(t, 200, `[]`)
	w.header.Set("Date", "Mon, 23 Nov 2026 01:02:03 GMT")
	at := time.UnixMilli(1_795_399_000_123)
	c := client(t, w, Config{Now: func() time.Time { return at }})
	_, asked, err := c.Labels(t.Context(), "cs1")
	if err != nil {
		t.Fatal(err)
	}
	want := Asked{At: at.UnixMilli(), Date: time.Date(2026, 11, 23, 1, 2, 3, 0, time.UTC).UnixMilli()}
	if asked != want {
		t.Errorf("got %+v, want %+v", asked, want)
	}
	w.header["Date"] = nil
	if _, asked, _ = c.Labels(t.Context(), "cs1"); asked.Date != 0 {
		t.Errorf("a date of %d, want none", asked.Date)
	}
}

func TestRefusedBeforeSending(t *testing.T) {
	w, c := serve(t, 200, `[]`)
	ctx := t.Context()
	calls := map[string]func() error{
		"no session":        func() error { _, _, err := c.Labels(ctx, ""); return err },
		"a path as session": func() error { _, _, err := c.Labels(ctx, "../server"); return err },
		"dots as label":     func() error { _, _, err := c.LabelChats(ctx, "cs1", ".."); return err },
		"no chat":           func() error { _, _, err := c.ChatLabels(ctx, "cs1", ""); return err },
		"no hidden id":      func() error { _, err := c.Lid(ctx, "cs1", "6281@c.us"); return err },
		"no number":         func() error { _, _, err := c.CheckExists(ctx, "cs1", "0812"); return err },
		"broken config":     func() error { _, err := c.PutSession(ctx, "cs1", json.RawMessage("{")); return err },
		"a file of two kinds": func() error {
			_, err := c.SendFile(ctx, "cs1", File{ChatID: "1@c.us", MIMEType: "a/b", URL: "u", Data: []byte("d")})
			return err
		},
		"an empty text": func() error { _, err := c.SendText(ctx, "cs1", Text{ChatID: "1@c.us"}); return err },
	}
	for name, call := range calls {
		if err := call(); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: got %v, want ErrInvalid", name, err)
		}
	}
	if len(w.asked) != 0 {
		t.Errorf("asked: %q", w.asked)
	}
}

func TestMetrics(t *testing.T) {
	reg := prometheus.NewRegistry()
	m := NewMetrics(reg)
	w := &server{status: 200, body: `[]`}
	c := client(t, w, Config{Metrics: m})
	for _, status := range []int{200, 200, 401, 403, 404, 422, 500} {
		w.status = status
		c.Labels(t.Context(), "cs1")
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	c.Labels(ended, "cs1") // never asked
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range families {
		for _, metric := range f.GetMetric() {
			if f.GetName() == "tandai_waha_requests_total" {
				got[metric.GetLabel()[0].GetValue()] = metric.GetCounter().GetValue()
			} else {
				got[f.GetName()] = float64(metric.GetHistogram().GetSampleCount())
			}
		}
	}
	want := map[string]float64{"ok": 2, "unauthorized": 1, "forbidden": 1, "not_found": 1, "not_working": 0, "invalid": 1, "server": 1,
		"unreachable": 0, "given_up": 0, "tandai_waha_request_seconds": 7}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
