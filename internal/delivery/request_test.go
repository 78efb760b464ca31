package delivery

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"tandai/internal/store"
	"tandai/internal/waha"
)

func claimed(body string) *store.Claimed {
	return &store.Claimed{Seq: 1, Destination: "n8n", ID: strings.Repeat("ab", 32), Session: "toko", Event: "label.chat.added", At: 1795399213418, CreatedAt: 1795399213500, Body: []byte(body)}
}

// What leaves is what WAHA would have sent, byte for byte, with its headers and a
// signature that its own rules accept.
func TestPost_asWAHA(t *testing.T) {
	const body = `{"id":"evt_01","timestamp":1795399213418, "event":"label.chat.added","payload":{"label":{"name":"Grade A 🔥"}},"environment":{"version":"2026.2.1","engine":"GOWS"}}`
	var got http.Header
	var came []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Clone()
		came, _ = io.ReadAll(r.Body)
		_, _ = io.WriteString(w, "Workflow was started")
	}))
	defer server.Close()
	d := Destination{URL: server.URL + "/webhook/x", Key: []byte("my-secret-key")}
	client := newClient(true, 1)
	a, _ := post(t.Context(), client, &d, claimed(body), time.Now)
	if a.Status != 200 || a.Answer != "Workflow was started" || a.Error != "" || a.N != 1 || a.At == 0 {
		t.Errorf("attempt %+v", a)
	}
	if string(came) != body {
		t.Errorf("body %s", came)
	}
	if err := (waha.Keys{d.Key}).Verify(came, got); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"Accept-Encoding", "Content-Length", waha.HeaderHmac, waha.HeaderRequestID} {
		got.Del(name)
	}
	want := http.Header{
		"Accept": {"application/json, text/plain, */*"}, "Content-Type": {"application/json"}, "User-Agent": {"WAHA/2026.2.1"},
		"X-Webhook-Timestamp": {"1795399213418"}, "X-Webhook-Hmac-Algorithm": {"sha512"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("headers (-want +got)\n%s", diff)
	}

	// Another attempt has the same request id, another destination another.
	first := requestID("n8n", claimed("").ID)
	if again := requestID("n8n", claimed("").ID); again != first || len(first) != 26 {
		t.Errorf("request ids %q and %q", first, again)
	}
	if requestID("crm", claimed("").ID) == first || requestID("n8n", "x") == first {
		t.Error("two deliveries share a request id")
	}
}

// Where WAHA's headers were kept those are sent; a destination's own come before
// them, and before both what is Tandai's to say.
func TestPost_keptHeaders(t *testing.T) {
	var got http.Header
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Clone() }))
	defer server.Close()
	c := claimed("{}")
	c.Headers = map[string]string{
		"Accept": "application/json, text/plain, */*", "Content-Type": "application/json", "User-Agent": "agency/1",
		"X-Webhook-Request-Id": "3b2ozlae9mwsmc3h3", "X-Webhook-Timestamp": "1795399213400", "X-Custom": "a", "X-Token": "of WAHA",
	}
	d := Destination{URL: server.URL, Key: []byte("k"), Headers: http.Header{"X-Token": {"of n8n"}, "Authorization": {"Bearer b"}}}
	if a, _ := post(t.Context(), newClient(true, 1), &d, c, time.Now); a.Status != 200 {
		t.Fatalf("attempt %+v", a)
	}
	got.Del("Content-Length")
	got.Del("Accept-Encoding")
	want := http.Header{
		"Accept": {"application/json, text/plain, */*"}, "Content-Type": {"application/json"}, "User-Agent": {"agency/1"},
		"X-Webhook-Request-Id": {"3b2ozlae9mwsmc3h3"}, "X-Webhook-Timestamp": {"1795399213400"}, "X-Custom": {"a"},
		"X-Token": {"of n8n"}, "Authorization": {"Bearer b"},
		"X-Webhook-Hmac": {waha.Sign([]byte("k"), []byte("{}"))}, "X-Webhook-Hmac-Algorithm": {"sha512"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestPost_onlyWhenAskedFor(t *testing.T) {
	var got http.Header
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Clone() }))
	defer server.Close()
	c := claimed("{}")
	c.Attempts = 2
	c.At = 0
	c.Headers = map[string]string{"content-type": "text/plain"}
	post(t.Context(), newClient(true, 1), &Destination{URL: server.URL, Header: true}, c, time.Now)
	for name, want := range map[string]string{
		HeaderEventID: c.ID, HeaderAttempt: "3", waha.HeaderHmac: "", waha.HeaderHmacAlgorithm: "", "Content-Type": "text/plain",
		waha.HeaderTimestamp: "1795399213500", "User-Agent": "WAHA",
	} {
		if got.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, got.Get(name), want)
		}
	}
}

func TestPost_answers(t *testing.T) {
	for _, tc := range []struct {
		name, answer string
		status       int
		verdict      verdict
		want         string
	}{
		{"taken", "ok", 204, good, ""},
		{"no workflow", `{"code":404}`, 404, bad, "status 404"},
		{"not this one", "bad request", 400, neutral, "status 400"},
		{"too large", "", 413, neutral, "status 413"},
		{"too many", "", 429, bad, "status 429"},
		{"broken", strings.Repeat("x", 100_000), 500, bad, "status 500"},
		{"bytes that are no text", "\xff\x00\xfe" + strings.Repeat("é", 400), 502, bad, "status 502"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(tc.status)
				if tc.status != 204 {
					_, _ = io.WriteString(w, tc.answer)
				}
			}))
			defer server.Close()
			a, _ := post(t.Context(), newClient(true, 1), &Destination{URL: server.URL}, claimed("{}"), time.Now)
			if a.Status != tc.status || a.Error != tc.want || judge(a.Status) != tc.verdict {
				t.Errorf("attempt %+v", a)
			}
			if len(a.Answer) > 3*answerBytes || !utf8.ValidString(a.Answer) || strings.ContainsRune(a.Answer, 0) || utf8.RuneCountInString(a.Answer) > answerBytes {
				t.Errorf("answer of %d bytes: %q", len(a.Answer), a.Answer)
			}
		})
	}
}

// An enriched body is the same JSON with one more member.
func TestEnrich(t *testing.T) {
	files, err := filepath.Glob("../waha/testdata/samples/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	e := enrichment{EventID: "e", Session: "toko", Client: "sari", Lead: "62811", LabelName: "Grade A 🔥"}
	for _, body := range append(readAll(t, files), "{}", " { } ", "{\"a\":1}\n") {
		out, err := enrich([]byte(body), e)
		if err != nil {
			t.Fatal(err)
		}
		var before, after map[string]any
		if err := json.Unmarshal([]byte(body), &before); err != nil {
			continue // what is no JSON is not relayed either
		}
		if err := json.Unmarshal(out, &after); err != nil {
			t.Fatalf("%s: %v", out, err)
		}
		want := map[string]any{"event_id": "e", "session": "toko", "client": "sari", "lead": "62811", "label_name": "Grade A 🔥"}
		if diff := cmp.Diff(want, after["tandai"]); diff != "" {
			t.Errorf("tandai (-want +got)\n%s", diff)
		}
		delete(after, "tandai")
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("the rest (-want +got)\n%s", diff)
		}
	}
	for _, body := range []string{"", "not JSON}", "[1,2]", `["}"]`} {
		if out, err := enrich([]byte(body), e); err != nil || string(out) != body {
			t.Errorf("%q became %q, %v", body, out, err)
		}
	}
}

func readAll(t *testing.T, files []string) (all []string) {
	t.Helper()
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, string(text))
	}
	return all
}

func TestSchedule(t *testing.T) {
	want := []string{"1m0s", "2m0s", "4m0s", "7m30s", "15m0s", "30m0s", "1h0m0s", "2h0m0s", "4h0m0s", "8h0m0s", "16h0m0s"}
	var got []string
	for n := 1; ; n++ {
		pause, again := pauseAfter(Schedule, n, 0, 0.5)
		if !again {
			break
		}
		got = append(got, pause.String())
		early, _ := pauseAfter(Schedule, n, 0, 0)
		late, _ := pauseAfter(Schedule, n, 0, 0.999999)
		if float64(early) < 0.899*float64(pause) || float64(late) > 1.101*float64(pause) || early >= pause || late <= pause {
			t.Errorf("after %d: %v to %v around %v", n, early, late, pause)
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("schedule %v", got)
	}
	for asked, want := range map[time.Duration]time.Duration{
		0: 54 * time.Second, time.Millisecond: time.Second, 3 * time.Second: 3 * time.Second, 10 * time.Minute: 10 * time.Minute, 1000 * time.Hour: 24 * time.Hour,
	} {
		if got, _ := pauseAfter(Schedule, 1, asked, 0); got != want {
			t.Errorf("asked for %v: %v, want %v", asked, got, want)
		}
	}
	for n, want := range map[int]time.Duration{2: 3 * time.Second, 3: 4 * time.Minute, 4: 7*time.Minute + 30*time.Second} {
		if got, _ := pauseAfter(Schedule, n, 3*time.Second, 0.5); got != want {
			t.Errorf("after %d, asked for 3 s: %v, want %v", n, got, want)
		}
	}
	now := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"": 0, "120": 2 * time.Minute, "-5": 0, "soon": 0, "1e9": 0, "99999999999999": 0,
		now.Add(time.Hour).Format(http.TimeFormat): time.Hour, now.Add(-time.Hour).Format(http.TimeFormat): 0,
	} {
		if got := retryAfter(http.Header{"Retry-After": {text}}, now); got != want {
			t.Errorf("Retry-After %q: %v, want %v", text, got, want)
		}
	}
}

func TestBreaker(t *testing.T) {
	now := time.Unix(1000, 0)
	fresh := func() breaker { return breaker{limit: 3, pause: 5 * time.Second, max: time.Minute} }
	for _, tc := range []struct {
		name string
		seen []verdict
		open bool
	}{
		{"all good", []verdict{good, good, good, good}, false},
		{"some bad", []verdict{bad, bad, good, bad, bad}, false},
		{"three in a row", []verdict{good, bad, bad, bad}, true},
		{"refusals of single ones change nothing", []verdict{bad, neutral, bad, neutral, neutral, neutral}, false},
		{"nor do they hide the rest", []verdict{bad, neutral, bad, neutral, bad}, true},
		{"one that was under way ends well", []verdict{bad, bad, bad, bad, good}, false},
		{"one that was under way is refused: there is somebody", []verdict{bad, bad, bad, neutral}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := fresh()
			changes := 0
			for _, v := range tc.seen {
				if b.saw(v, now, fmt.Sprint(v)) {
					changes++
				}
			}
			if b.open() != tc.open || tc.open && changes != 1 {
				t.Errorf("open %v after %d changes", b.open(), changes)
			}
		})
	}
	b := fresh()
	for range 3 {
		b.saw(bad, now, "gone")
	}
	var pauses []string
	for range 7 {
		pauses = append(pauses, b.openUntil.Sub(now).String())
		b.probed(now, "still gone")
	}
	if diff := cmp.Diff([]string{"5s", "10s", "20s", "40s", "1m0s", "1m0s", "1m0s"}, pauses); diff != "" {
		t.Errorf("probes (-want +got)\n%s", diff)
	}
}
