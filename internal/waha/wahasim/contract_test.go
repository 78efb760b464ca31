package wahasim_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tandai/internal/waha/rest"
	"tandai/internal/waha/wahasim"
)

// TestContract runs every call of the client against the simulation.
func TestContract(t *testing.T) {
	w := newWorld(t, wahasim.GOWS, func(c *wahasim.NodeConfig) { c.DateSkew = 90 * time.Second })
	w.label(budi, "1")
	w.label(sari, "1")
	w.label(anon, "2")
	w.node.Emit(w.cs1.LabelChat(w.tick(), "120363@g.us", "1", true))
	c, ctx := w.client(readKey), t.Context()
	check := func(what string, want, got any, err error) {
		t.Helper()
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}

	if err := c.Ping(ctx); err != nil {
		t.Error(err)
	}
	v, err := c.Version(ctx)
	check("version", rest.Version{Version: wahasim.DefaultVersion, Engine: "GOWS", Tier: "CORE", Platform: "linux/x64"}, v, err)
	st, err := c.ServerStatus(ctx)
	check("status", rest.ServerStatus{StartedAt: firstMoment, Uptime: time.Duration(w.now()-firstMoment) * time.Millisecond}, st, err)
	h, err := w.client(fullKey).Health(ctx)
	check("health", "ok", h.Status, err)

	s, err := c.Session(ctx, "cs1")
	me := &rest.Me{ID: "6281199900001@c.us", LID: "190000000000001@lid", PushName: "CS 1"}
	check("session", rest.Session{Name: "cs1", Status: "WORKING", Engine: "GOWS", Me: me, ActivityAt: w.now()}, s, err)
	all, err := c.Sessions(ctx)
	s.Engine = "" // the list does not say
	check("sessions", []rest.Session{s}, all, err)

	labels, asked, err := c.Labels(ctx, "cs1")
	check("labels", []rest.Label{{ID: "1", Name: "Grade A", Color: 3, ColorHex: "#dfaef0"}, {ID: "2", Name: "Grade B", Color: 4, ColorHex: "#99b6c1"}, {ID: "3", Name: "Closing", Color: 0, ColorHex: "#ff9485"}}, labels, err)
	if asked.At != w.now() || asked.Date != (w.now()+90_000)/1000*1000 {
		t.Errorf("asked %+v, want our clock and one 90 s ahead", asked)
	}
	chats, _, err := c.LabelChats(ctx, "cs1", "1")
	check("chats of a label", []string{"120363@g.us", "201000000000011@lid", "6281299900012@c.us"}, chats, err)
	of, _, err := c.ChatLabels(ctx, "cs1", "201000000000011@lid")
	check("labels of a chat", labels[:1], of, err)

	phone, err := c.Lid(ctx, "cs1", "201000000000011@lid")
	check("lid", "6281299900011", phone, err)
	phone, err = c.Lid(ctx, "cs1", "201000000000099")
	check("unknown lid", "", phone, err)
	pairs, err := c.Lids(ctx, "cs1", 100, 0)
	check("lids", []rest.LidPair{{Hidden: "201000000000011@lid", Phone: "6281299900011"}}, pairs, err)
	count, err := c.LidCount(ctx, "cs1")
	check("lids counted", 1, count, err)

	list, err := c.Chats(ctx, "cs1", 10, 0)
	check("chats", []rest.Chat{{ID: "120363@g.us"}, {ID: "201000000000011@lid", Name: "Budi"}, {ID: "201000000000099@lid"}, {ID: "6281299900012@c.us", Name: "Sari"}}, list, err)
	people, err := c.Contacts(ctx, "cs1", 2, 1)
	check("contacts", []rest.Contact{{ID: "6281299900011@c.us", Name: "Budi", PushName: "Budi"}, {ID: "6281299900012@c.us", Name: "Sari", PushName: "Sari"}}, people, err)
	one, err := c.Contact(ctx, "cs1", "6281299900012@c.us")
	check("contact", people[1], one, err)
	exists, id, err := c.CheckExists(ctx, "cs1", "6281299900012")
	check("check", []any{true, "6281299900012@c.us"}, []any{exists, id}, err)
	exists, _, err = c.CheckExists(ctx, "cs1", "6281000000000")
	check("check of nobody", false, exists, err)
}

// TestContract_keys holds what a read-only session key may not, and which right
// the client says is missing.
func TestContract_keys(t *testing.T) {
	w := newWorld(t, wahasim.GOWS, nil)
	other, err := w.srv.AddPhone(wahasim.PhoneConfig{Session: "cs2", Engine: wahasim.GOWS, Number: "6281199900002"})
	if err != nil {
		t.Fatal(err)
	}
	c, ctx := w.client(readKey), t.Context()
	calls := map[string]struct {
		err   error
		right string
	}{}
	_, err = c.PutSession(ctx, "cs1", json.RawMessage(`{}`))
	calls["put"] = struct {
		err   error
		right string
	}{err, rest.RightSetting}
	calls["restart"] = struct {
		err   error
		right string
	}{c.RestartSession(ctx, "cs1"), rest.RightControl}
	_, err = c.SendText(ctx, "cs1", rest.Text{ChatID: "6281299900012@c.us", Text: "halo"})
	calls["send"] = struct {
		err   error
		right string
	}{err, rest.RightSend}
	_, _, err = c.Labels(ctx, other.Session())
	calls["another session"] = struct {
		err   error
		right string
	}{err, rest.RightRead}
	for name, call := range calls {
		var e *rest.Error
		if !errors.Is(call.err, rest.ErrForbidden) || !errors.As(call.err, &e) || e.Right != call.right {
			t.Errorf("%s: got %v, want the right %q to be missing", name, call.err, call.right)
		}
	}
	all, err := c.Sessions(ctx)
	if err != nil || len(all) != 1 || all[0].Name != "cs1" {
		t.Errorf("it sees %+v, %v, want its own session", all, err)
	}
	for _, key := range []string{"", "nobody's"} {
		if _, err := w.client(key).Sessions(ctx); !errors.Is(err, rest.ErrUnauthorized) {
			t.Errorf("key %q: got %v", key, err)
		}
		if err := w.client(key).Ping(ctx); err != nil {
			t.Errorf("key %q: ping needs none: %v", key, err)
		}
	}
}

func TestContract_errors(t *testing.T) {
	w := newWorld(t, wahasim.GOWS, nil)
	c, ctx := w.client(fullKey), t.Context()
	if _, err := c.Session(ctx, "nobody"); !errors.Is(err, rest.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	if _, _, err := c.Labels(ctx, "nobody"); !errors.Is(err, rest.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	if _, _, err := c.LabelChats(ctx, "cs1", "77"); !errors.Is(err, rest.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	w.node.StopSession("cs1")
	var e *rest.Error
	if _, _, err := c.Labels(ctx, "cs1"); !errors.Is(err, rest.ErrNotWorking) || !errors.As(err, &e) || e.SessionStatus != "STOPPED" {
		t.Errorf("got %v", err)
	}
	if all, err := c.Sessions(ctx); err != nil || len(all) != 1 || all[0].Status != "STOPPED" || all[0].Me != nil {
		t.Errorf("got %+v, %v, want the stopped session listed", all, err)
	}
	res, err := http.Get(w.web.URL + "/api/cs1/lids/6281@c.us") // without a key
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusUnauthorized {
		t.Errorf("got %d", res.StatusCode)
	}
	w.node.StartSession("cs1")
	req, _ := http.NewRequest("GET", w.web.URL+"/api/cs1/lids/6281@c.us", nil)
	req.Header.Set("X-Api-Key", fullKey)
	if res, err = http.DefaultClient.Do(req); err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("what is no lid is %d, want 422", res.StatusCode)
	}
}

// TestContract_waits holds that a call waits for a session that is starting.
func TestContract_waits(t *testing.T) {
	w := newWorld(t, wahasim.GOWS, func(c *wahasim.NodeConfig) {
		c.StatusWait = 30 * time.Second
		c.StartTime = 30 * time.Millisecond
	})
	c := w.client(fullKey)
	if err := c.RestartSession(t.Context(), "cs1"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := c.Labels(t.Context(), "cs1"); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]string{"session.status STOPPED", "session.status STARTING", "session.status WORKING"}, w.delivered()); diff != "" {
		t.Error(diff)
	}
}

// TestContract_put holds that a PUT replaces everything and restarts what runs.
func TestContract_put(t *testing.T) {
	w := newWorld(t, wahasim.GOWS, nil)
	if err := w.node.Configure("cs1", `{"metadata":{"klien":"hansarang"},"webhooks":[]}`); err != nil {
		t.Fatal(err)
	}
	c, ctx := w.client(fullKey), t.Context()
	config := json.RawMessage(`{"webhooks":[{"url":"http://tandai.example/webhooks/waha","events":["label.upsert"],"hmac":{"key":"k"},"retries":{"policy":"exponential","delaySeconds":2,"attempts":10}}]}`)
	s, err := c.PutSession(ctx, "cs1", config)
	if err != nil || s.Status != "WORKING" || string(s.Config) != string(config) {
		t.Errorf("got %+v, %v", s, err)
	}
	if diff := cmp.Diff([]string{"session.status STOPPED", "session.status STARTING", "session.status WORKING"}, w.delivered()); diff != "" {
		t.Error(diff)
	}
	w.node.StopSession("cs1")
	w.delivered()
	if s, err = c.PutSession(ctx, "cs1", json.RawMessage(`{}`)); err != nil || s.Status != "STOPPED" {
		t.Errorf("got %+v, %v, want it to stay stopped", s, err)
	}
	if got := w.delivered(); len(got) != 0 {
		t.Errorf("got %q", got)
	}
	for name, bad := range map[string]string{
		"unknown event": `{"webhooks":[{"url":"http://t.example","events":["label.chat.aded"]}]}`,
		"no URL":        `{"webhooks":[{"url":"t","events":["*"]}]}`,
		"retries":       `{"webhooks":[{"url":"http://t.example","events":["*"],"retries":{"policy":"often"}}]}`,
	} {
		if _, err := c.PutSession(ctx, "cs1", json.RawMessage(bad)); !errors.Is(err, rest.ErrInvalid) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// TestContract_send holds that a message with an id goes out once.
func TestContract_send(t *testing.T) {
	w := newWorld(t, wahasim.NOWEB, nil)
	c, ctx := w.client(fullKey), t.Context()
	id, err := c.NewMessageID(ctx, "cs1")
	if err != nil || id == "" {
		t.Fatal(id, err)
	}
	for range 3 {
		sent, err := c.SendText(ctx, "cs1", rest.Text{ChatID: "6281299900012@c.us", Text: "Halo", ID: id})
		if err != nil || sent.ID != "true_6281299900012@c.us_"+id {
			t.Errorf("got %+v, %v", sent, err)
		}
	}
	if _, err := c.SendImage(ctx, "cs1", rest.File{ChatID: "6281299900012@c.us", MIMEType: "image/png", URL: "https://x.example/a.png", Caption: "katalog"}); err != nil {
		t.Error(err)
	}
	if _, err := c.SendFile(ctx, "cs1", rest.File{ChatID: "6281299900012@c.us", MIMEType: "text/plain", Data: []byte("abc")}); err != nil {
		t.Error(err)
	}
	want := []wahasim.SentMessage{
		{Session: "cs1", ChatID: "6281299900012@c.us", Kind: "text", Text: "Halo", ID: id, At: w.now(), Tries: 3},
		{Session: "cs1", ChatID: "6281299900012@c.us", Kind: "image", Text: "katalog", MIMEType: "image/png", URL: "https://x.example/a.png", At: w.now(), Tries: 1},
		{Session: "cs1", ChatID: "6281299900012@c.us", Kind: "file", MIMEType: "text/plain", Data: "YWJj", At: w.now(), Tries: 1},
	}
	got := w.node.Messages()
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(wahasim.SentMessage{}, "ID")); diff != "" {
		t.Error(diff)
	}
	events := w.delivered()
	if len(events) != 3 || !slices.Contains(events, "message.any true_6281299900012@c.us_"+id) {
		t.Errorf("events %q, want one for each message", events)
	}
}

// TestLabelsByREST holds what changes through WAHA's own interface do.
func TestLabelsByREST(t *testing.T) {
	w := newWorld(t, wahasim.GOWS, nil)
	w.label(sari, "1")
	w.delivered()
	do := func(method, path, body string, want int) string {
		t.Helper()
		return request(t, w, method, path, body, want)
	}
	do("POST", "/api/cs1/labels", `{"name":"Batal","color":7}`, 201)
	do("POST", "/api/cs1/labels", `{"name":"Batal","color":7}`, 422)
	do("POST", "/api/cs1/labels", `{"name":"Lain","colorHex":"#123456"}`, 422)
	do("PUT", "/api/cs1/labels/4", `{"name":"Batal","color":8}`, 422)
	do("PUT", "/api/cs1/labels/4", `{"name":"Batal beli","color":8}`, 200)
	do("PUT", "/api/cs1/labels/9", `{"name":"x"}`, 404)
	do("PUT", "/api/cs1/labels/chats/6281299900012@c.us", `{"labels":[{"id":"2"},{"id":"4"}]}`, 200)
	do("DELETE", "/api/cs1/labels/4", ``, 200)
	do("DELETE", "/api/cs1/labels/4", ``, 404)
	// The id of the highest label means something else now.
	if got := do("POST", "/api/cs1/labels", `{"name":"Reseller","color":1}`, 201); got != `{"id":"4","name":"Reseller","color":1,"colorHex":"#64c4ff"}` {
		t.Errorf("got %s", got)
	}
	want := []string{
		"label.upsert 4", "label.upsert 4",
		"label.chat.added 2 6281299900012@c.us", "label.chat.added 4 6281299900012@c.us", "label.chat.deleted 1 6281299900012@c.us",
		"label.deleted 4", "label.upsert 4",
	}
	if diff := cmp.Diff(want, w.delivered()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"2"}, w.labels("6281299900012@c.us")); diff != "" {
		t.Error(diff)
	}
}

// TestShapes holds that every engine's chats are understood.
func TestShapes(t *testing.T) {
	for _, e := range []wahasim.Engine{wahasim.GOWS, wahasim.NOWEB, wahasim.WPP, wahasim.WEBJS} {
		t.Run(string(e), func(t *testing.T) {
			w := newWorld(t, e, nil)
			w.label(budi, "1")
			w.label(sari, "1")
			if diff := cmp.Diff([]string{"201000000000011@lid", "6281299900012@c.us"}, w.chats("1")); diff != "" {
				t.Error(diff)
			}
			labels, _, err := w.client(readKey).Labels(t.Context(), "cs1")
			if err != nil || len(labels) != 3 || labels[0] != (rest.Label{ID: "1", Name: "Grade A", Color: 3, ColorHex: "#dfaef0"}) {
				t.Errorf("got %+v, %v", labels, err)
			}
			chats, err := w.client(readKey).Chats(t.Context(), "cs1", 0, 0)
			if err != nil || len(chats) != 2 || chats[0].ID != "201000000000011@lid" {
				t.Errorf("got %+v, %v", chats, err)
			}
		})
	}
}

// TestContract_metadata holds that a PUT without metadata takes it from the
// envelopes: it is a full replacement.
func TestContract_metadata(t *testing.T) {
	w := newWorld(t, wahasim.GOWS, nil)
	if _, err := w.srv.AddPhone(wahasim.PhoneConfig{Session: "cs2", Engine: wahasim.GOWS, Number: "6281199900002", Metadata: map[string]string{"klien": "x"}}); err != nil {
		t.Fatal(err)
	}
	c, ctx := w.client(fullKey), t.Context()
	for _, step := range []struct{ config, want string }{
		{``, `{"metadata":{"klien":"x"}}`},
		{`{"metadata":{"klien":"y"},"webhooks":[]}`, `{"metadata":{"klien":"y"},"webhooks":[]}`},
		{`{"webhooks":[]}`, `{"webhooks":[]}`},
	} {
		if step.config != "" {
			if _, err := c.PutSession(ctx, "cs2", json.RawMessage(step.config)); err != nil {
				t.Fatal(err)
			}
		}
		s, err := c.Session(ctx, "cs2")
		if err != nil || string(s.Config) != step.want {
			t.Errorf("got %s, %v, want %s", s.Config, err, step.want)
		}
		ev := w.srv.Phone("cs2").Label(w.tick(), sari, "1")
		if has := strings.Contains(string(ev.Body), `"metadata"`); has != strings.Contains(step.want, "metadata") {
			t.Errorf("with %s the envelope is %s", step.want, ev.Body)
		}
	}
}
