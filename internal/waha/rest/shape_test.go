package rest

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandai/internal/label"
)

func TestLabels_shapes(t *testing.T) {
	cases := map[string]struct {
		body string
		want []Label
	}{
		"GOWS and NOWEB": {`[{"id":"4","name":"Grade A 🔥","color":3,"colorHex":"#dfaef0"}]`, []Label{{"4", "Grade A 🔥", 3, "#dfaef0"}}},
		"no colour":      {`[{"id":"4","name":"Grade A"}]`, []Label{{"4", "Grade A", label.NoColor, ""}}},
		"no name":        {`[{"id":"4","name":null,"color":0}]`, []Label{{"4", "", 0, ""}}},
		"WPP":            {`[{"id":"4","name":"A","color":4292861680,"count":2,"hexColor":"#dfaef0","colorIndex":3}]`, []Label{{"4", "A", 3, "#dfaef0"}}},
		"WEBJS":          {`[{"id":"4","name":"A","hexColor":"#dfaef0"}]`, []Label{{"4", "A", label.NoColor, "#dfaef0"}}},
		"a number as id": {`[{"id":176,"name":"A","color":"19"}]`, []Label{{"176", "A", 19, ""}}},
		"none":           {`[]`, []Label{}},
		"null":           {`null`, []Label{}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, cl := serve(t, 200, c.body)
			got, _, err := cl.Labels(t.Context(), "cs1")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLabelChats_shapes(t *testing.T) {
	cases := map[string]struct {
		body string
		want []string // nil = ErrServer
	}{
		"GOWS":                    {`[{"id":"6281299900011@c.us"},{"id":"201000000000011@lid"},{"id":"120363@g.us"}]`, []string{"6281299900011@c.us", "201000000000011@lid", "120363@g.us"}},
		"NOWEB, Baileys' objects": {`[{"id":"6281299900011@s.whatsapp.net","conversationTimestamp":{"low":1,"high":0},"unreadCount":2,"messages":[{"id":"x"}]}]`, []string{"6281299900011@c.us"}},
		"NOWEB, with a device":    {`[{"id":"6281299900011:12@s.whatsapp.net"}]`, []string{"6281299900011@c.us"}},
		"WEBJS and WPP":           {`[{"id":{"server":"c.us","user":"6281299900011","_serialized":"6281299900011@c.us"},"name":"Budi"}]`, []string{"6281299900011@c.us"}},
		"without _serialized":     {`[{"id":{"server":"lid","user":"201000000000011"}}]`, []string{"201000000000011@lid"}},
		"ids alone":               {`["6281299900011@c.us"]`, []string{"6281299900011@c.us"}},
		"twice":                   {`[{"id":"6281299900011@c.us"},{"id":"6281299900011@s.whatsapp.net"}]`, []string{"6281299900011@c.us"}},
		"something odd":           {`[{"id":"867051314767696@bot"}]`, []string{"867051314767696@bot"}},
		"none":                    {`[]`, []string{}},
		"null":                    {`null`, []string{}},
		"one without id":          {`[{"id":"6281299900011@c.us"},{"name":"Budi"}]`, nil},
		"one null":                {`[null]`, nil},
		"one a number":            {`[7]`, nil},
		"an object":               {`{"chats":[]}`, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w, cl := serve(t, 200, c.body)
			got, _, err := cl.LabelChats(t.Context(), "cs1", "4")
			if c.want == nil {
				if !errors.Is(err, ErrServer) {
					t.Errorf("got %q, %v, want ErrServer", got, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			if w.asked[0] != "GET /api/cs1/labels/4/chats" || w.keys[0] != key {
				t.Errorf("asked %q with key %q", w.asked, w.keys)
			}
		})
	}
}

func TestSessions_shapes(t *testing.T) {
	cases := map[string]struct {
		body string
		want Session
	}{
		"GOWS, working": {`{"name":"cs1","status":"WORKING","config":{"webhooks":[]},"me":{"id":"6281@c.us","pushName":"CS 1","lid":"1900000@lid","jid":"6281:7@s.whatsapp.net"},"presence":null,"timestamps":{"activity":1795399000123},"engine":{"engine":"GOWS","grpc":{"client":"READY"}}}`,
			Session{"cs1", "WORKING", "GOWS", &Me{"6281@c.us", "1900000@lid", "CS 1"}, json.RawMessage(`{"webhooks":[]}`), 1_795_399_000_123}},
		"stopped":                   {`{"name":"cs1","status":"STOPPED","config":null,"me":null}`, Session{Name: "cs1", Status: "STOPPED"}},
		"no activity (WAHA #2073)":  {`{"name":"cs1","status":"WORKING","timestamps":{"activity":null}}`, Session{Name: "cs1", Status: "WORKING"}},
		"activity is empty (#2073)": {`{"name":"cs1","status":"WORKING","timestamps":{}}`, Session{Name: "cs1", Status: "WORKING"}},
		"engine as a word":          {`{"name":"cs1","status":"WORKING","engine":"WEBJS"}`, Session{Name: "cs1", Status: "WORKING", Engine: "WEBJS"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, cl := serve(t, 200, c.body)
			got, err := cl.Session(t.Context(), "cs1")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			_, cl = serve(t, 200, "["+c.body+"]")
			all, err := cl.Sessions(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]Session{c.want}, all); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLids(t *testing.T) {
	t.Run("one", func(t *testing.T) {
		cases := map[string]struct {
			body, want string
			bad        bool
		}{
			"known":              {`{"lid":"201000000000011@lid","pn":"6281299900011@c.us"}`, phone, false},
			"with a device":      {`{"lid":"201000000000011@lid","pn":"6281299900011:3@s.whatsapp.net"}`, phone, false},
			"bare":               {`{"lid":"201000000000011@lid","pn":"6281299900011"}`, phone, false},
			"null (WAHA #1712)":  {`{"lid":"201000000000011@lid","pn":null}`, "", false},
			"empty":              {`{}`, "", false},
			"something else":     {`{"pn":"201000000000011@lid"}`, "", true},
			"not even an object": {`[]`, "", true},
		}
		for name, c := range cases {
			w, cl := serve(t, 200, c.body)
			got, err := cl.Lid(t.Context(), "cs1", "201000000000011")
			if got != c.want || errors.Is(err, ErrServer) != c.bad || (err != nil) != c.bad {
				t.Errorf("%s: got %q, %v", name, got, err)
			}
			if w.asked[0] != "GET /api/cs1/lids/201000000000011@lid" {
				t.Errorf("asked %q", w.asked)
			}
		}
	})
	t.Run("a page, as long as WAHA's", func(t *testing.T) {
		w, cl := serve(t, 200, `[{"lid":"201000000000011@lid","pn":"6281299900011@c.us"},{"lid":"201000000000012@lid","pn":null},{"lid":"x","pn":7},{"lid":"201000000000013@lid","pn":"junk"}]`)
		got, err := cl.Lids(t.Context(), "cs1", 4, 8)
		if err != nil {
			t.Fatal(err)
		}
		want := []LidPair{{"201000000000011@lid", phone}, {"201000000000012@lid", ""}, {}, {"201000000000013@lid", ""}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if w.asked[0] != "GET /api/cs1/lids?limit=4&offset=8" {
			t.Errorf("asked %q", w.asked)
		}
	})
	t.Run("count", func(t *testing.T) {
		_, cl := serve(t, 200, `{"count":12}`)
		if n, err := cl.LidCount(t.Context(), "cs1"); n != 12 || err != nil {
			t.Errorf("got %d, %v", n, err)
		}
		_, cl = serve(t, 200, `{}`)
		if _, err := cl.LidCount(t.Context(), "cs1"); !errors.Is(err, ErrServer) {
			t.Errorf("got %v", err)
		}
	})
}

func TestServer_shapes(t *testing.T) {
	_, c := serve(t, 200, `{"version":"2026.7.1","engine":"GOWS","tier":"CORE","browser":null,"platform":"linux/x64","worker":{"id":null}}`)
	if v, err := c.Version(t.Context()); err != nil || v != (Version{"2026.7.1", "GOWS", "CORE", "linux/x64", ""}) {
		t.Errorf("got %+v, %v", v, err)
	}
	_, c = serve(t, 200, `{"message":"welcome"}`)
	if _, err := c.Version(t.Context()); !errors.Is(err, ErrServer) {
		t.Errorf("got %v", err)
	}
	_, c = serve(t, 200, `{"startTimestamp":1795399000123,"uptime":61001,"worker":{"id":"w1"}}`)
	if s, err := c.ServerStatus(t.Context()); err != nil || s != (ServerStatus{1_795_399_000_123, 61001 * time.Millisecond, "w1"}) {
		t.Errorf("got %+v, %v", s, err)
	}
	_, c = serve(t, 200, `{"message":"pong"}`)
	if err := c.Ping(t.Context()); err != nil {
		t.Error(err)
	}
	_, c = serve(t, 200, `{"ok":true}`)
	if err := c.Ping(t.Context()); !errors.Is(err, ErrServer) {
		t.Errorf("got %v", err)
	}
	_, c = serve(t, 503, `{"status":"error","info":{"disk":{"status":"up"}},"error":{"mongodb":{"status":"down"}},"details":{}}`)
	h, err := c.Health(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Health{Status: "error", Down: []string{"mongodb"}}, h); diff != "" {
		t.Error(diff)
	}
	_, c = serve(t, 422, `{"message":"Health check is available in Plus version only","statusCode":422}`)
	if _, err := c.Health(t.Context()); !errors.Is(err, ErrInvalid) {
		t.Errorf("got %v", err)
	}
	_, c = serve(t, 503, `upstream is away`)
	if _, err := c.Health(t.Context()); !errors.Is(err, ErrServer) {
		t.Errorf("got %v", err)
	}
}

func TestContacts(t *testing.T) {
	w, c := serve(t, 200, `[{"id":"6281299900011@s.whatsapp.net","name":"Budi","pushName":"budi"},{"id":{"_serialized":"201000000000011@lid"},"pushname":"sari"},{"id":"120363@g.us","notify":"x"}]`)
	got, err := c.Contacts(t.Context(), "cs1", 3, 0)
	if err != nil {
		t.Fatal(err)
	}
	want := []Contact{{"6281299900011@c.us", "Budi", "budi"}, {"201000000000011@lid", "", "sari"}, {"120363@g.us", "", "x"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if w.asked[0] != "GET /api/contacts/all?limit=3&offset=0&session=cs1" {
		t.Errorf("asked %q", w.asked)
	}
	_, c = serve(t, 200, `[{"id":"6281299900011@c.us","name":"Budi"}]`)
	chats, err := c.Chats(t.Context(), "cs1", 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Chat{{"6281299900011@c.us", "Budi"}}, chats); diff != "" {
		t.Error(diff)
	}
	_, c = serve(t, 200, `{"numberExists":true,"chatId":"6281299900011@c.us"}`)
	if ok, id, err := c.CheckExists(t.Context(), "cs1", "+"+phone); !ok || id != phone+"@c.us" || err != nil {
		t.Errorf("got %v, %q, %v", ok, id, err)
	}
	_, c = serve(t, 200, `{"numberExists":false}`)
	if ok, id, err := c.CheckExists(t.Context(), "cs1", phone); ok || id != "" || err != nil {
		t.Errorf("got %v, %q, %v", ok, id, err)
	}
}

func TestSend(t *testing.T) {
	w, c := serve(t, 201, `{"id":"true_6281299900011@c.us_3EB0","_data":{}}`)
	ctx := t.Context()
	chat := phone + "@c.us"
	calls := []struct {
		send       func() (Sent, error)
		path, body string
	}{
		{func() (Sent, error) {
			return c.SendText(ctx, "cs1", Text{ChatID: chat, Text: "Halo <kak>", ID: "3EB0"})
		},
			"POST /api/sendText", `{"session":"cs1","chatId":"6281299900011@c.us","text":"Halo <kak>","id":"3EB0"}`},
		{func() (Sent, error) {
			return c.SendText(ctx, "cs1", Text{ChatID: chat, Text: "x", ReplyTo: "false_y", NoLinkPreview: true})
		}, "POST /api/sendText", `{"session":"cs1","chatId":"6281299900011@c.us","text":"x","reply_to":"false_y","linkPreview":false}`},
		{func() (Sent, error) {
			return c.SendImage(ctx, "cs1", File{ChatID: chat, MIMEType: "image/png", URL: "https://x.example/a.png", Caption: "c", ID: "3EB0"})
		}, "POST /api/sendImage", `{"session":"cs1","chatId":"6281299900011@c.us","file":{"mimetype":"image/png","url":"https://x.example/a.png"},"caption":"c","id":"3EB0"}`},
		{func() (Sent, error) {
			return c.SendFile(ctx, "cs1", File{ChatID: chat, MIMEType: "text/plain", Name: "a.txt", Data: []byte("abc")})
		}, "POST /api/sendFile", `{"session":"cs1","chatId":"6281299900011@c.us","file":{"mimetype":"text/plain","filename":"a.txt","data":"YWJj"}}`},
	}
	for i, call := range calls {
		got, err := call.send()
		if err != nil || got.ID != "true_6281299900011@c.us_3EB0" {
			t.Errorf("%s: got %+v, %v", call.path, got, err)
		}
		var sent any
		var want any
		if json.Unmarshal([]byte(w.sent[i]), &sent) != nil || json.Unmarshal([]byte(call.body), &want) != nil || w.asked[i] != call.path {
			t.Fatalf("sent %s %s", w.asked[i], w.sent[i])
		}
		if diff := cmp.Diff(want, sent); diff != "" {
			t.Error(diff)
		}
	}
	_, c = serve(t, 200, `{"id":"3EB0ABCDEF"}`)
	if id, err := c.NewMessageID(ctx, "cs1"); id != "3EB0ABCDEF" || err != nil {
		t.Errorf("got %q, %v", id, err)
	}
	w, c = serve(t, 200, `{"name":"cs1","status":"STARTING","config":{"webhooks":[]}}`)
	if _, err := c.PutSession(ctx, "cs1", json.RawMessage(`{"webhooks":[{"url":"http://t/webhooks/waha"}]}`)); err != nil {
		t.Fatal(err)
	}
	if err := c.RestartSession(ctx, "cs1"); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"PUT /api/sessions/cs1", "POST /api/sessions/cs1/restart"}, w.asked); diff != "" {
		t.Error(diff)
	}
	if w.sent[0] != `{"config":{"webhooks":[{"url":"http://t/webhooks/waha"}]}}` {
		t.Errorf("sent %s", w.sent[0])
	}
}
