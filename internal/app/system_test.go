package app

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"tandai/internal/report"
)

// The system page is asked of everything that runs, and says what is switched
// off; nothing of it is for other machines.
func TestServe_systemPage(t *testing.T) {
	got := make(chan string, 100)
	n8n := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got <- r.URL.Path }))
	defer n8n.Close()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	cfg := configured(t, `
waha:
  url: '`+gone.URL+`'
  servers: [{name: second, url: '`+gone.URL+`', feed: websocket}]
relay: {destinations: [{name: n8n, url: '`+n8n.URL+`/hook'}]}
reconcile: {enabled: false}
`)
	r := serve(t, cfg)
	r.deliver("/webhooks/waha", "", labelled("cs1", "evt_1", "201000000000099@lid", "1", time.Now().UnixMilli()))
	r.drained()
	select {
	case <-got:
	case <-time.After(time.Minute):
		t.Fatal("nothing was passed on")
	}
	var page string
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		var code int
		if code, page = r.get("/system?lang=en"); code != http.StatusOK {
			t.Fatalf("%d %s", code, page)
		}
		if strings.Contains(page, "Tandai reads WAHA") && strings.Contains(page, "2010•••0099") && strings.Contains(page, "not connected") {
			break
		}
	}
	for _, want := range []string{
		"2010•••0099", "Events are passed on to 1 destination", "<bdi>n8n</bdi>", "Events come from 2 WAHA servers", "WAHA second", "not connected",
		"Labels are not compared with WAHA",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if w := r.server.wings(); w.Compares || !w.LooksUp || len(w.Destinations) != 1 || w.Outbox == nil || w.People == nil || w.Alarms == nil || w.Truth == nil {
		t.Errorf("wings %+v", w)
	}
	if feeds := r.server.waysIn(); len(feeds) != 2 || feeds[0] != (report.Feed{}) || !feeds[1].Websocket || feeds[1].Server != "second" {
		t.Errorf("ways in: %+v", feeds)
	}
	req, err := http.NewRequest(http.MethodGet, r.base+"/system", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Forwarded-For", "203.0.113.9")
	if code, body := r.do(req); code != http.StatusForbidden {
		t.Errorf("through a proxy: %d %.80s", code, body)
	}
	if err := r.stop(); err != nil {
		t.Error(err)
	}
}
