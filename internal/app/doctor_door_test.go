package app

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// said is what the door of Tandai would answer.
const (
	ours405 = `{"result":"rejected","reason":"webhooks are sent with POST"}` + "\n"
	ours401 = `{"result":"rejected","reason":"signature missing"}` + "\n"
	ours200 = `{"result":"stored","event_id":"00"}` + "\n"
)

// answers is a server that answers GET and POST as told: "405 text", "301 address".
func answers(t *testing.T, get, post string) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := get
		if r.Method == http.MethodPost {
			answer = post
		}
		var code int
		status, text, _ := strings.Cut(answer, " ")
		if _, err := fmt.Sscan(status, &code); err != nil {
			panic(err)
		}
		if code >= 300 && code < 400 {
			w.Header().Set("Location", text)
			text = ""
		}
		w.WriteHeader(code)
		fmt.Fprint(w, text)
	}))
	t.Cleanup(s.Close)
	return s
}

// about is what doctor found about one thing: verdict, what it saw, what to do.
func about(findings []Finding, check string) []string {
	var got []string
	for _, f := range findings {
		if f.Check == check {
			got = append(got, strings.TrimSpace(fmt.Sprintf("%s: %s → %s", f.Verdict, f.Saw, f.Do)))
		}
	}
	return got
}

// Doctor tells a door that is Tandai's from all else that may answer there.
func TestDoctor_door(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close() // nobody listens there now
	nobody := "http://" + closed.Addr().String()
	const keyed = "waha: {hmac_key: key}"
	for _, tt := range []struct {
		name, yaml, get, post string
		url                   string // "" = that of the server
		want                  []string
	}{
		{"all is well", keyed, "405 " + ours405, "401 " + ours401, "", []string{
			"ok: URL/webhooks/waha answers, and does not redirect →",
			"ok: URL/webhooks/waha refuses an unsigned body →",
			"ok: URL/webhooks/waha refuses a forged signature →",
		}},
		{"a slash at the end", keyed, "405 " + ours405, "401 " + ours401, "URL/", []string{
			"ok: URL/webhooks/waha answers, and does not redirect →",
			"ok: URL/webhooks/waha refuses an unsigned body →",
			"ok: URL/webhooks/waha refuses a forged signature →",
		}},
		{"below a path of a proxy", keyed, "405 " + ours405, "401 " + ours401, "URL/tandai/webhooks/waha/", []string{
			"ok: URL/tandai/webhooks/waha answers, and does not redirect →",
			"ok: URL/tandai/webhooks/waha refuses an unsigned body →",
			"ok: URL/tandai/webhooks/waha refuses a forged signature →",
		}},
		{"no key", "", "405 " + ours405, "200 " + ours200, "", []string{
			"ok: URL/webhooks/waha answers, and does not redirect →",
			"skipped: URL/webhooks/waha: no key is set, so unsigned and forged bodies were not tried: they would be stored →",
		}},
		{"a redirect to https", keyed, "301 https://tandai.example/webhooks/waha", "301 https://tandai.example/webhooks/waha", "", []string{
			"failed: URL/webhooks/waha redirects to https://tandai.example/webhooks/waha → Give WAHA the address it leads to. " +
				"WAHA turns a redirected POST into an empty GET and calls it a success: events are lost in silence.",
		}},
		{"only a POST is redirected", keyed, "405 " + ours405, "307 /elsewhere", "", []string{
			"ok: URL/webhooks/waha answers, and does not redirect →",
			`failed: URL/webhooks/waha redirects an unsigned body to /elsewhere → Give WAHA the address it leads to. ` +
				"WAHA turns a redirected POST into an empty GET and calls it a success: events are lost in silence.",
		}},
		{"200 to everything", keyed, "200 hello", "200 hello", "", []string{
			`failed: URL/webhooks/waha answers a GET with 200 and "hello", not as Tandai's door does → ` +
				"Does this address lead to Tandai, or does something else answer, a proxy perhaps?",
		}},
		{"somebody else, who takes no GET either", keyed, "405 <h1>Not Allowed</h1>", "401 <h1>No</h1>", "", []string{
			`failed: URL/webhooks/waha answers a GET with 405 and "<h1>Not Allowed</h1>", not as Tandai's door does → ` +
				"Does this address lead to Tandai, or does something else answer, a proxy perhaps?",
		}},
		{"a proxy without Tandai behind it", keyed, "502 bad\ngateway", "502 bad gateway", "", []string{
			`failed: URL/webhooks/waha answers a GET with 502 and "bad\ngateway", not as Tandai's door does → ` +
				"Does this address lead to Tandai, or does something else answer, a proxy perhaps?",
		}},
		{"it takes what is forged", keyed, "405 " + ours405, "200 " + ours200, "", []string{
			"ok: URL/webhooks/waha answers, and does not redirect →",
			"failed: URL/webhooks/waha takes an unsigned body → Anybody can write there. Does the Tandai that runs there have another configuration than this one? Restart it with the key.",
			"failed: URL/webhooks/waha takes a forged signature → Anybody can write there. Does the Tandai that runs there have another configuration than this one? Restart it with the key.",
		}},
		{"a proxy that asks for a password", keyed, "405 " + ours405, "401 <h1>Log in</h1>", "", []string{
			"ok: URL/webhooks/waha answers, and does not redirect →",
			`failed: URL/webhooks/waha refuses an unsigned body, but it is not Tandai that does: "<h1>Log in</h1>" → Does a proxy ask for a password there? WAHA has none to show.`,
			`failed: URL/webhooks/waha refuses a forged signature, but it is not Tandai that does: "<h1>Log in</h1>" → Does a proxy ask for a password there? WAHA has none to show.`,
		}},
		{"a firewall that takes no POST", keyed, "405 " + ours405, "403 blocked", "", []string{
			"ok: URL/webhooks/waha answers, and does not redirect →",
			`failed: URL/webhooks/waha answers an unsigned body with 403 and "blocked", want 401 → Does a proxy treat a POST otherwise than a GET?`,
			`failed: URL/webhooks/waha answers a forged signature with 403 and "blocked", want 401 → Does a proxy treat a POST otherwise than a GET?`,
		}},
		{"Tandai, but without that server", "waha: {hmac_key: key, servers: [{name: second, hmac_key: key}]}", "404 " + ours401, "404 " + ours401, "URL/webhooks/waha/second", []string{
			"failed: URL/webhooks/waha/second is not a door of the Tandai that runs there → Restart the Tandai that runs there with this configuration.",
		}},
		{"several servers, one of them without a key", "waha: {hmac_key: key, servers: [{name: second}, {name: third, hmac_key: key}]}", "405 " + ours405, "401 " + ours401, "", []string{
			"ok: URL/webhooks/waha answers, and does not redirect →",
			"ok: URL/webhooks/waha refuses an unsigned body →",
			"ok: URL/webhooks/waha refuses a forged signature →",
			"ok: URL/webhooks/waha/second answers, and does not redirect →",
			"skipped: URL/webhooks/waha/second: no key is set, so unsigned and forged bodies were not tried: they would be stored →",
			"ok: URL/webhooks/waha/third answers, and does not redirect →",
			"ok: URL/webhooks/waha/third refuses an unsigned body →",
			"ok: URL/webhooks/waha/third refuses a forged signature →",
		}},
		{"a server that is not configured", keyed, "405 " + ours405, "401 " + ours401, "URL/webhooks/waha/third", []string{
			`failed: URL/webhooks/waha/third is the door of a WAHA server "third" that is not configured → Correct the address, or add the server to waha.servers.`,
		}},
		{"nobody there", keyed, "405 " + ours405, "401 " + ours401, nobody, []string{
			"failed: " + nobody + "/webhooks/waha cannot be reached: dial tcp " + closed.Addr().String() + ": connect: connection refused → WAHA would not reach it either: check the name, the port and the proxy.",
		}},
		{"no address", keyed, "405 " + ours405, "401 " + ours401, "tandai.example:8080", []string{
			`failed: "tandai.example:8080" is no address of a server → Write it as WAHA has it: https://tandai.example.com`,
		}},
		{"an address of something else", keyed, "405 " + ours405, "401 " + ours401, "ftp://tandai.example", []string{
			`failed: "ftp://tandai.example" is no address of a server → Write it as WAHA has it: https://tandai.example.com`,
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := answers(t, tt.get, tt.post)
			url := strings.ReplaceAll(tt.url, "URL", s.URL)
			if url == "" {
				url = s.URL
			}
			got := about(Examine(t.Context(), configured(t, tt.yaml), DoctorOptions{URL: url}), "door")
			for i := range got {
				got[i] = strings.ReplaceAll(got[i], s.URL, "URL")
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Without an address it looks where this configuration would listen, and finding
// nobody there is no failure.
func TestDoctor_doorHere(t *testing.T) {
	s := answers(t, "405 "+ours405, "401 "+ours401)
	cfg := configured(t, "waha: {hmac_key: key}")
	_, port, err := net.SplitHostPort(strings.TrimPrefix(s.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	for _, host := range []string{"127.0.0.1", "", "0.0.0.0"} {
		cfg.Addr = net.JoinHostPort(host, port)
		if got := about(Examine(t.Context(), cfg, DoctorOptions{}), "door"); len(got) != 3 || got[0] != "ok: "+s.URL+"/webhooks/waha answers, and does not redirect →" {
			t.Errorf("listening on %s: %q", cfg.Addr, got)
		}
	}
	s.Close()
	got := about(Examine(t.Context(), cfg, DoctorOptions{}), "door")
	if len(got) != 1 || !strings.HasPrefix(got[0], "skipped: nobody answers at "+s.URL) || !strings.Contains(got[0], "Start `tandai serve`") {
		t.Errorf("nobody there: %q", got)
	}
}

// A real Tandai passes its own examination and keeps nothing of it.
func TestDoctor_realDoor(t *testing.T) {
	cfg := configured(t, "waha: {hmac_key: key, servers: [{name: second, hmac_key: other}]}")
	r := serve(t, cfg)
	r.drained()
	for range 2 {
		for _, f := range Examine(t.Context(), cfg, DoctorOptions{URL: r.base}) {
			if f.Verdict != OK && f.Check != "waha" { // there is none here
				t.Errorf("%+v", f)
			}
		}
	}
	if _, page := r.get("/metrics"); !strings.Contains(page, "\ntandai_intake_requests_total{result=\"stored\"} 0\n") {
		t.Error("something was kept")
	}
}
