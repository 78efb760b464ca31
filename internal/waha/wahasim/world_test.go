package wahasim_test

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"tandai/internal/waha/rest"
	"tandai/internal/waha/wahasim"
)

const (
	fullKey     = "full-key"
	readKey     = "read-only-key-of-cs1"
	firstMoment = 1_795_399_000_000
)

var (
	budi = wahasim.Lead{Phone: "6281299900011", LID: "201000000000011", Name: "Budi", Hidden: true}
	sari = wahasim.Lead{Phone: "6281299900012", Name: "Sari"}
	anon = wahasim.Lead{LID: "201000000000099"}
)

// world is a simulated WAHA with one session, cs1, that has three labels, and
// what it delivered.
type world struct {
	t    *testing.T
	srv  *wahasim.Server
	node *wahasim.Node
	cs1  *wahasim.Phone
	web  *httptest.Server

	mu  sync.Mutex
	at  int64
	got []wahasim.Event
}

func newWorld(t *testing.T, e wahasim.Engine, change func(*wahasim.NodeConfig)) *world {
	t.Helper()
	w := &world{t: t, srv: wahasim.New(wahasim.Config{Seed: 1}), at: firstMoment}
	var err error
	if w.cs1, err = w.srv.AddPhone(wahasim.PhoneConfig{Session: "cs1", Engine: e, Number: "6281199900001", LID: "190000000000001", PushName: "CS 1"}); err != nil {
		t.Fatal(err)
	}
	cfg := wahasim.NodeConfig{
		Seed: 1, Now: func() time.Time { return time.UnixMilli(w.now()) },
		Keys: []wahasim.Key{{Key: fullKey}, {Key: readKey, Session: "cs1", Actions: wahasim.Actions{Read: true}}},
		Deliver: func(ev wahasim.Event) {
			w.mu.Lock()
			w.got = append(w.got, ev)
			w.mu.Unlock()
		},
	}
	if change != nil {
		change(&cfg)
	}
	w.node = wahasim.NewNode(w.srv, cfg)
	w.web = httptest.NewServer(w.node)
	t.Cleanup(func() { w.node.Close(); w.web.Close() })
	for _, l := range []wahasim.Label{{ID: "1", Name: "Grade A", Color: 3}, {ID: "2", Name: "Grade B", Color: 4}, {ID: "3", Name: "Closing"}} {
		w.cs1.Upsert(w.tick(), l)
	}
	return w
}

// now is the world's clock; tick sets it a second ahead.
func (w *world) now() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

func (w *world) tick() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at += 1000
	return w.at
}

func (w *world) label(l wahasim.Lead, id string)   { w.node.Emit(w.cs1.Label(w.tick(), l, id)) }
func (w *world) unlabel(l wahasim.Lead, id string) { w.node.Emit(w.cs1.Unlabel(w.tick(), l, id)) }

func (w *world) breaks(tr wahasim.Trouble) {
	w.t.Helper()
	if err := w.node.Break(tr); err != nil {
		w.t.Fatal(err)
	}
}

// delivered are the events since the last call, as "label.chat.added 1 628…@c.us".
func (w *world) delivered() (all []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, ev := range w.got {
		var body struct {
			ID      string
			Event   string
			Payload struct {
				LabelID, ChatID, Status string
				ID                      string
			}
		}
		if err := json.Unmarshal(ev.Body, &body); err != nil {
			w.t.Fatal(err)
		}
		p := body.Payload
		if body.ID != ev.ID || body.Event != ev.Name {
			w.t.Errorf("%s %s is %s in its body", ev.ID, ev.Name, ev.Body)
		}
		all = append(all, strings.Join(strings.Fields(strings.Join([]string{ev.Name, p.LabelID, p.ChatID, p.Status, p.ID, ev.Hook}, " ")), " "))
	}
	w.got = nil
	return all
}

func (w *world) client(key string) *rest.Client {
	w.t.Helper()
	c, err := rest.New(rest.Config{URL: w.web.URL, Key: key, Now: func() time.Time { return time.UnixMilli(w.now()) }})
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// chats are who has a label, as REST shows it.
func (w *world) chats(labelID string) []string {
	w.t.Helper()
	all, _, err := w.client(readKey).LabelChats(w.t.Context(), "cs1", labelID)
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

// labels are the ids of a chat's labels, as REST shows them.
func (w *world) labels(chatID string) []string {
	w.t.Helper()
	all, _, err := w.client(readKey).ChatLabels(w.t.Context(), "cs1", chatID)
	if err != nil {
		w.t.Fatal(err)
	}
	ids := []string{}
	for _, l := range all {
		ids = append(ids, l.ID)
	}
	return ids
}
