package intake

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tandai/internal/inbox"
	"tandai/internal/waha"
)

// What is kept of the headers is what WAHA was told to send, and nothing of the
// connection, of proxies, or of what opens this door; and only of events that are
// sent on.
func TestDoor_KeepsHeaders(t *testing.T) {
	sent := http.Header{
		"Accept": {"application/json, text/plain, */*"}, "Content-Type": {"application/json"}, "User-Agent": {"WAHA/2026.2.1"},
		"X-Webhook-Request-Id": {"3b2ozlae9mwsmc3h3"}, "X-Webhook-Timestamp": {"1795399213418"}, "X-Custom": {"Jakarta é", "b"},
	}
	want := map[string]string{
		"Accept": "application/json, text/plain, */*", "Content-Type": "application/json", "User-Agent": "WAHA/2026.2.1",
		"X-Webhook-Request-Id": "3b2ozlae9mwsmc3h3", "X-Webhook-Timestamp": "1795399213418", "X-Custom": "Jakarta é, b",
	}
	own := http.Header{
		"Authorization": {"Bearer t"}, "Cookie": {"a=b"}, "X-Forwarded-For": {"10.0.0.1"}, "Forwarded": {"for=10.0.0.1"}, "Via": {"1.1 p"},
		"X-Real-Ip": {"10.0.0.1"}, "Accept-Encoding": {"gzip, compress, deflate, br"}, "Connection": {"keep-alive, X-Hop"}, "X-Hop": {"1"},
		"X-Webhook-Hmac-Algorithm": {"sha512"}, "Proxy-Authorization": {"Basic x"}, "X-Tandai-Event-Id": {"x"}, "X-Latin": {"caf\xe9"},
	}
	few := map[string]string{"Content-Type": "application/json", "X-Webhook-Request-Id": "r", "User-Agent": "Go-http-client/1.1"}
	for _, tc := range []struct {
		name  string
		body  []byte
		send  []http.Header
		asked bool
		want  map[string]string
	}{
		{"an event that is sent on", event(1), []http.Header{sent, own}, true, want},
		{"one that is not", bytes.Replace(event(2), []byte("label.chat.added"), []byte("message.any"), 1), []http.Header{sent}, true, nil},
		{"nobody to send it on to", event(3), []http.Header{sent}, false, nil},
		{"more than is kept", event(4), []http.Header{{"Content-Type": {"application/json"}, "X-Webhook-Request-Id": {"r"}, "X-Long": {strings.Repeat("x", maxHeaders)}}}, true, few},
		{"a long one of WAHA's own", event(5), []http.Header{{"Content-Type": {"application/json"}, "X-Webhook-Request-Id": {"r"}, "Accept": {strings.Repeat("x", maxHeaders)}}}, true, few},
		{"what cannot be read", []byte(`{"event":"label.chat.added",`), []http.Header{sent}, true, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			wd := newWorld(t, func(c *Config) {
				if tc.asked {
					c.KeepHeaders = func(event string) bool { return event == "label.chat.added" }
				}
			})
			req, err := http.NewRequest(http.MethodPost, wd.http.URL+"/webhooks/waha", bytes.NewReader(tc.body))
			if err != nil {
				t.Fatal(err)
			}
			for _, h := range tc.send {
				for name, values := range h {
					req.Header[name] = values
				}
			}
			req.Header[waha.HeaderHmac] = []string{waha.Sign([]byte(sampleKey), tc.body)}
			req.Header[waha.HeaderHmacAlgorithm] = []string{"sha512"}
			res, err := http.DefaultTransport.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			if r := wd.read(res); r.status != 200 {
				t.Fatalf("answered %+v", r)
			}
			page, _, err := wd.box.Range(t.Context(), inbox.Filter{}, 0, 10)
			if err != nil || len(page) != 1 {
				t.Fatalf("%d bodies, %v", len(page), err)
			}
			var got map[string]string
			if page[0].Headers != "" {
				if err := json.Unmarshal([]byte(page[0].Headers), &got); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
