package wahasim_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/coder/websocket"

	"tandai/internal/waha"
	"tandai/internal/waha/wahasim"
)

// door takes webhooks, and answers with a status.
type door struct {
	*httptest.Server
	mu     sync.Mutex
	status int
	bodies []string
	signed []string
}

func newDoor(t *testing.T) *door {
	d := &door{status: 200}
	d.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		d.mu.Lock()
		defer d.mu.Unlock()
		d.bodies = append(d.bodies, string(body))
		d.signed = append(d.signed, r.Header.Get(waha.HeaderHmac))
		w.WriteHeader(d.status)
	}))
	t.Cleanup(d.Close)
	return d
}

func byWebhook(c *wahasim.NodeConfig) { c.Deliver = nil }

// TestHooks holds that a session's events go where its configuration says.
func TestHooks(t *testing.T) {
	d := newDoor(t)
	global := newDoor(t)
	w := newWorld(t, wahasim.GOWS, func(c *wahasim.NodeConfig) {
		byWebhook(c)
		c.Global = &wahasim.SenderConfig{URL: global.URL}
		c.GlobalEvents = []string{"session.status"}
	})
	config := `{"webhooks":[{"url":"` + d.URL + `","events":["label.chat.added"],"hmac":{"key":"k"},"customHeaders":[{"name":"X-A","value":"b"}]}]}`
	if err := w.node.Configure("cs1", config); err != nil {
		t.Fatal(err)
	}
	w.label(sari, "1")
	w.unlabel(sari, "1") // nobody wants these
	w.node.RestartSession("cs1")
	w.node.Wait()
	if len(d.bodies) != 1 || !strings.Contains(d.bodies[0], `"event":"label.chat.added"`) || d.signed[0] != waha.Sign([]byte("k"), []byte(d.bodies[0])) {
		t.Errorf("got %q, signed %q", d.bodies, d.signed)
	}
	if len(global.bodies) != 3 || global.signed[0] != "" {
		t.Errorf("the global hook got %q", global.bodies)
	}
	if s := w.node.Stats(); s.Acknowledged != 4 || s.Events != 4 {
		t.Errorf("got %+v", s)
	}
}

// faultProcessRestart: what WAHA still had to send again is gone, and only
// startTimestamp says why.
func faultProcessRestart(t *testing.T) {
	d := newDoor(t)
	w := newWorld(t, wahasim.GOWS, byWebhook)
	d.status = 503
	if err := w.node.Configure("cs1", `{"webhooks":[{"url":"`+d.URL+`","events":["label.chat.added"],"retries":{"policy":"constant","delaySeconds":3600,"attempts":10}}]}`); err != nil {
		t.Fatal(err)
	}
	c := w.client(fullKey)
	before, err := c.ServerStatus(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	w.label(sari, "1")
	until(t, func() bool { return w.node.Stats().Attempts == 1 })
	at := w.tick()
	w.breaks(wahasim.Trouble{Fault: wahasim.ProcessRestart})
	w.node.Wait()
	if s := w.node.Stats(); s.Cancelled != 1 || s.Pending != 0 || s.Acknowledged != 0 {
		t.Errorf("got %+v, want the pending one to be lost", s)
	}
	after, err := c.ServerStatus(t.Context())
	if err != nil || after.StartedAt == before.StartedAt || after.StartedAt != at {
		t.Errorf("started at %d, before at %d, %v", after.StartedAt, before.StartedAt, err)
	}
	if s, err := c.Session(t.Context(), "cs1"); err != nil || s.Status != "WORKING" || len(s.Config) == 0 {
		t.Errorf("got %+v, %v, want the session back with its configuration", s, err)
	}
	d.mu.Lock()
	d.status = 200
	d.mu.Unlock()
	w.label(sari, "2")
	w.node.Wait()
	if len(d.bodies) != 2 || !strings.Contains(d.bodies[1], `"labelId":"2"`) {
		t.Errorf("got %q", d.bodies)
	}
}

// TestSocket holds that /ws sends the envelopes of the webhooks with their ids.
func TestSocket(t *testing.T) {
	w := newWorld(t, wahasim.GOWS, nil)
	dial := func(query string) *websocket.Conn {
		t.Helper()
		c, _, err := websocket.Dial(t.Context(), "ws"+strings.TrimPrefix(w.web.URL, "http")+"/ws?"+query, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.CloseNow() })
		return c
	}
	for name, query := range map[string]string{"no key": "session=*", "a wrong key": "x-api-key=nope&session=*", "another session": "x-api-key=" + readKey + "&session=cs2"} {
		c := dial(query)
		if _, _, err := c.Read(t.Context()); websocket.CloseStatus(err) != websocket.StatusPolicyViolation {
			t.Errorf("%s: got %v, want to be closed with 1008", name, err)
		}
	}
	w.label(sari, "1") // nobody listens: it is not sent again
	all := dial("X-Api-Key=" + readKey)
	some := dial("x-api-key=" + fullKey + "&session=cs1&events=label.chat.deleted&events=label.upsert,session.status")
	until(t, func() bool { return w.node.Sockets() == 2 })
	w.delivered()
	w.label(sari, "2")
	w.unlabel(sari, "2")
	want := slices.Clone(w.got)
	for i, c := range []*websocket.Conn{all, all, some} {
		kind, frame, err := c.Read(t.Context())
		if err != nil || kind != websocket.MessageText {
			t.Fatal(kind, err)
		}
		if expect := string(want[min(i, 1)].Body); string(frame) != expect {
			t.Errorf("got %s, want %s", frame, expect)
		}
	}
	w.breaks(wahasim.Trouble{Fault: wahasim.Deaf}) // deaf on every channel
	w.label(sari, "3")
	w.node.RestartProcess()
	for _, c := range []*websocket.Conn{all, some} {
		if _, frame, err := c.Read(t.Context()); err == nil {
			t.Errorf("got %s from a process that ended", frame)
		}
	}
	until(t, func() bool { return w.node.Sockets() == 0 })
	all.CloseNow()
}
