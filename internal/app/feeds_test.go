package app

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"tandai/internal/inbox"
)

// TestServe_websocket: what WAHA sends by websocket is recorded, through a
// connection that ends, and /readyz tells how the feed does.
func TestServe_websocket(t *testing.T) {
	const key = "s3cret-of-waha"
	var calls atomic.Int32
	ws := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/ws" || r.URL.Query().Get("x-api-key") != key {
			http.NotFound(w, r)
			return
		}
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer c.CloseNow()
		n := calls.Add(1)
		for _, e := range []string{
			fmt.Sprintf(`{"id":"evt_up%d","timestamp":%d,"event":"label.upsert","session":"cs1","payload":{"id":"%d","name":"Grade %d"}}`, n, time.Now().UnixMilli(), n, n),
			fmt.Sprintf(`{"id":"evt_add%d","timestamp":%d,"event":"label.chat.added","session":"cs1","me":{"id":"6281199900001@c.us"},"payload":{"labelId":"%d","label":null,"chatId":"6281299900011@c.us"}}`, n, time.Now().UnixMilli(), n),
		} {
			_ = c.Write(context.Background(), websocket.MessageText, []byte(e))
		}
		if n > 1 {
			<-c.CloseRead(context.Background()).Done()
		}
	}))
	defer ws.Close()
	cfg := configured(t, "waha: {url: '"+ws.URL+"', api_key: "+key+", feed: websocket}\n")
	r := serve(t, cfg)
	var feeds []feedState
	r.until("all it sent is recorded", func(_ int, state readiness) bool {
		list, _, err := r.server.inbox.Range(context.Background(), inbox.Filter{}, 0, 100)
		if err != nil {
			return false // it may not be open yet
		}
		feeds = state.Feeds
		return len(list) == 4 && state.Waiting == 0 && len(feeds) == 1 && feeds[0].State == "connected" && calls.Load() == 2
	})
	if feeds[0].LastFrame == "" || feeds[0].Error != "" || feeds[0].Server != "" {
		t.Errorf("feeds %+v", feeds)
	}
	_, metrics := r.get("/metrics")
	for _, want := range []string{`tandai_feed_frames_total{result="stored",server=""} 4`, `tandai_feed_connected{server=""} 1`, `tandai_feed_gaps_total{reason="reconnected",server=""} 1`} {
		if !strings.Contains(metrics, want) {
			t.Errorf("no %s in the metrics", want)
		}
	}
	ws.CloseClientConnections()
	r.until("it says that it was away", func(int, readiness) bool { return strings.Contains(r.log.String(), "is not connected") })
	if err := r.stop(); err != nil {
		t.Error(err)
	}
	if said := r.log.String() + metrics; strings.Contains(said, key) {
		t.Error("the key is said")
	}
}
