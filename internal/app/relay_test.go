package app

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tandai/internal/waha"
)

// What WAHA was told to send beside the body reaches whoever stands behind, with a
// signature of the destination's own, and what lets WAHA in here does not.
func TestServer_relaysHeaders(t *testing.T) {
	got := make(chan http.Header, 10)
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got <- r.Header.Clone() }))
	defer hook.Close()
	r := serve(t, configured(t, fmt.Sprintf(`
waha: {hmac_key: key}
relay: {destinations: [{name: n8n, url: '%s', key: n8n-key, headers: [{name: x-token, value: t}]}]}
`, hook.URL)))
	body := labelled("cs1", "evt_1", "6281299900011@c.us", "1", 1726000001000)
	req, err := http.NewRequest(http.MethodPost, r.base+"/webhooks/waha", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = http.Header{
		waha.HeaderHmac: {waha.Sign([]byte("key"), []byte(body))}, waha.HeaderRequestID: {"3b2ozlae9mwsmc3h3"}, "User-Agent": {"WAHA/2026.2.1"},
		"X-Custom": {"a"}, "Authorization": {"Bearer door"},
	}
	if code, answer := r.do(req); code != http.StatusOK {
		t.Fatalf("%d %s", code, answer)
	}
	select {
	case h := <-got:
		for name, want := range map[string]string{
			waha.HeaderRequestID: "3b2ozlae9mwsmc3h3", "User-Agent": "WAHA/2026.2.1", "X-Custom": "a", "Authorization": "", "X-Token": "t",
			waha.HeaderHmac: waha.Sign([]byte("n8n-key"), []byte(body)),
		} {
			if h.Get(name) != want {
				t.Errorf("%s: %q, want %q", name, h.Get(name), want)
			}
		}
	case <-time.After(patience):
		t.Fatal("nothing was relayed")
	}
}
