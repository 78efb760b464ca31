package connect

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	door    = "http://tandai:8080/webhooks/waha"
	signed  = `"hmac":{"key":"k1"}`
	patient = `"retries":{"policy":"exponential","delaySeconds":2,"attempts":10}`
	five    = `"events":["label.upsert","label.deleted","label.chat.added","label.chat.deleted","session.status"]`
	perfect = `{"url":"` + door + `",` + five + `,` + signed + `,` + patient + `}`
	n8n     = `{"url":"https://n8n.example.com/webhook/waha","events":["message"],"hmac":null,"retries":{"attempts":3},"later":[1, 2]}`
)

func want() Want { return Want{URL: door, Keys: []string{"k1", "k0"}} }

func TestMake(t *testing.T) {
	old := strings.Replace(perfect, "http://tandai:8080", "http://192.168.1.9:8080", 1)
	for _, tt := range []struct {
		name, config, want string
		change             func(*Want)
		changes            []string // fields
		note               string
	}{
		{name: "nothing configured", config: "", want: `{"webhooks":[` + perfect + `]}`,
			changes: []string{FieldWebhook, FieldEvents, FieldKey, FieldRetries}},
		{name: "null", config: "null", want: `{"webhooks":[` + perfect + `]}`,
			changes: []string{FieldWebhook, FieldEvents, FieldKey, FieldRetries}},
		{name: "webhooks are null", config: `{"webhooks":null,"debug":false}`, want: `{"webhooks":[` + perfect + `],"debug":false}`,
			changes: []string{FieldWebhook, FieldEvents, FieldKey, FieldRetries}},
		{name: "beside another's", config: `{ "metadata" : {"klien":"a  b"},"webhooks":[ ` + n8n + ` ],"proxy":{"server":"x"} }`,
			want:    `{ "metadata" : {"klien":"a  b"},"webhooks":[ ` + n8n + `,` + perfect + ` ],"proxy":{"server":"x"} }`,
			changes: []string{FieldWebhook, FieldEvents, FieldKey, FieldRetries}},
		{name: "all is well", config: `{"webhooks": [` + perfect + `]}`, want: `{"webhooks": [` + perfect + `]}`},
		{name: "written otherwise", config: `{"webhooks":[` + strings.Replace(perfect, door, "HTTP://Tandai:8080//webhooks/waha/?x=1", 1) + `]}`,
			want: `{"webhooks":[` + strings.Replace(perfect, door, "HTTP://Tandai:8080//webhooks/waha/?x=1", 1) + `]}`},
		{name: "the door's other name", config: `{"webhooks":[` + perfect + `]}`, want: `{"webhooks":[` + perfect + `]}`,
			change: func(w *Want) { w.URL += "/jkt"; w.Aliases = []string{door} }},
		{name: "without a key, and WAHA's own retries", config: `{"webhooks":[{"url":"` + door + `",` + five + `,"mine":true}]}`,
			want:    `{"webhooks":[{"url":"` + door + `",` + five + `,"mine":true,` + signed + `,` + patient + `}]}`,
			changes: []string{FieldKey, FieldRetries}},
		{name: "the key before", config: `{"webhooks":[` + strings.Replace(perfect, "k1", "k0", 1) + `]}`, want: `{"webhooks":[` + perfect + `]}`,
			changes: []string{FieldKey}},
		{name: "what else the signature has stays", config: `{"webhooks":[` + strings.Replace(perfect, `"key":"k1"`, `"key":"?","alg":1`, 1) + `]}`,
			want: `{"webhooks":[` + strings.Replace(perfect, `"key":"k1"`, `"key":"k1","alg":1`, 1) + `]}`, changes: []string{FieldKey}},
		{name: "no key configured here", config: `{"webhooks":[` + perfect + `]}`, want: `{"webhooks":[` + perfect + `]}`,
			change: func(w *Want) { w.Keys = nil }},
		{name: "events missing, more there", config: `{"webhooks":[` + strings.Replace(perfect, five, `"events":["message.any","label.upsert"]`, 1) + `]}`,
			want: `{"webhooks":[` + strings.Replace(perfect, five,
				`"events":["message.any","label.upsert","label.deleted","label.chat.added","label.chat.deleted","session.status"]`, 1) + `]}`,
			changes: []string{FieldEvents}},
		{name: "messages asked for", config: `{"webhooks":[` + perfect + `]}`, change: func(w *Want) { w.Messages = true },
			want: `{"webhooks":[` + strings.Replace(perfect, `"session.status"]`, `"session.status","message.any"]`, 1) + `]}`, changes: []string{FieldEvents}},
		{name: "every event", config: `{"webhooks":[` + strings.Replace(perfect, five, `"events":["*"]`, 1) + `]}`,
			want: `{"webhooks":[` + strings.Replace(perfect, five, `"events":["*"]`, 1) + `]}`, note: "most are of no use"},
		{name: "retries that last longer", config: `{"webhooks":[` + strings.Replace(perfect, patient, `"retries":{"policy":"constant","delaySeconds":60,"attempts":1440}`, 1) + `]}`,
			want: `{"webhooks":[` + strings.Replace(perfect, patient, `"retries":{"policy":"constant","delaySeconds":60,"attempts":1440}`, 1) + `]}`},
		{name: "the same hook twice", config: `{"webhooks":[` + perfect + `, ` + n8n + `,` + strings.Replace(perfect, five, `"events":["message.any"]`, 1) + `]}`,
			want:    `{"webhooks":[` + strings.Replace(perfect, `"session.status"]`, `"session.status","message.any"]`, 1) + `, ` + n8n + `]}`,
			changes: []string{FieldWebhook, FieldEvents}},
		{name: "an earlier address, known by the key", config: `{"webhooks":[` + n8n + `,` + old + `]}`, want: `{"webhooks":[` + n8n + `,` + perfect + `]}`,
			changes: []string{FieldURL}},
		{name: "the earlier one goes where the right one is there", config: `{"webhooks":[` + old + `,` + perfect + `]}`, want: `{"webhooks":[` + perfect + `]}`,
			changes: []string{FieldWebhook}},
		{name: "http where https is wanted", config: `{"webhooks":[{"url":"http://t.example.com/webhooks/waha",` + five + `,` + patient + `}]}`,
			change:  func(w *Want) { w.URL = "https://t.example.com/webhooks/waha" },
			want:    `{"webhooks":[{"url":"https://t.example.com/webhooks/waha",` + five + `,` + patient + `,` + signed + `}]}`,
			changes: []string{FieldURL, FieldKey}},
		{name: "another Tandai's, with a key of its own", config: `{"webhooks":[` + perfect + `,` + strings.Replace(old, "k1", "theirs", 1) + `]}`,
			want: `{"webhooks":[` + perfect + `,` + strings.Replace(old, "k1", "theirs", 1) + `]}`, note: "192.168.1.9:8080/webhooks/waha, which looks like"},
		{name: "an earlier address that was named", config: `{"webhooks":[` + strings.Replace(old, "k1", "theirs", 1) + `]}`, want: `{"webhooks":[` + perfect + `]}`,
			change: func(w *Want) { w.Replace = []string{"http://192.168.1.9:8080/webhooks/waha/"} }, changes: []string{FieldURL, FieldKey}},
		{name: "the door of another server is another's", config: `{"webhooks":[` + perfect + `]}`,
			change:  func(w *Want) { w.URL += "/sby" },
			want:    `{"webhooks":[` + perfect + `,` + strings.Replace(perfect, door, door+"/sby", 1) + `]}`,
			changes: []string{FieldWebhook, FieldEvents, FieldKey, FieldRetries}, note: "looks like a door"},
		{name: "a header that overrides the signature", config: `{"webhooks":[` + strings.Replace(perfect, five, five+`,"customHeaders":[{"name":"X-Webhook-HMAC","value":"x"}]`, 1) + `]}`,
			want: `{"webhooks":[` + strings.Replace(perfect, five, five+`,"customHeaders":[{"name":"X-Webhook-HMAC","value":"x"}]`, 1) + `]}`, note: "overrides WAHA's signature"},
		{name: "the store, switched on", config: `{"webhooks":[` + perfect + `],"noweb":{"store":{"enabled":false,"fullSync":true},"x":1}}`,
			change: func(w *Want) { w.NowebStore = true },
			want:   `{"webhooks":[` + perfect + `],"noweb":{"store":{"enabled":true,"fullSync":true},"x":1}}`, changes: []string{FieldStore}},
		{name: "the store, where there is none", config: `{"webhooks":[` + perfect + `]}`, change: func(w *Want) { w.NowebStore = true },
			want: `{"webhooks":[` + perfect + `],"noweb":{"store":{"enabled":true}}}`, changes: []string{FieldStore}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := want()
			if tt.change != nil {
				tt.change(&w)
			}
			got, err := Make(json.RawMessage(tt.config), w)
			if err != nil {
				t.Fatal(err)
			}
			var fields []string
			for _, c := range got.Changes {
				fields = append(fields, c.Field)
				for _, key := range append(w.Keys, "theirs") {
					if strings.Contains(c.From+c.To, key) {
						t.Errorf("a key is shown: %+v", c)
					}
				}
			}
			if d := cmp.Diff(tt.want, string(got.Config)); d != "" {
				t.Errorf("config (-want +got):\n%s", d)
			}
			if d := cmp.Diff(tt.changes, fields); d != "" {
				t.Errorf("changes (-want +got):\n%s", d)
			}
			if notes := strings.Join(got.Notes, "\n"); !strings.Contains(notes, tt.note) || tt.note == "" && notes != "" {
				t.Errorf("notes %q, want %q", notes, tt.note)
			}
		})
	}
}

func TestMake_refuses(t *testing.T) {
	for name, config := range map[string]string{
		"a list": `[]`, "a text": `"x"`, "cut off": `{"webhooks":[`, "webhooks are an object": `{"webhooks":{}}`, "webhooks are a number": `{"webhooks":1}`,
	} {
		if got, err := Make(json.RawMessage(config), want()); err == nil {
			t.Errorf("%s: %s", name, got.Config)
		}
	}
	if _, err := Make(json.RawMessage(`{"noweb":{"store":true}}`), Want{URL: door, NowebStore: true}); err == nil {
		t.Error("a store that is no object was changed")
	}
}

func TestAddress(t *testing.T) {
	for _, tt := range []struct{ name, base, server, want string }{
		{"a host", "http://tandai:8080", "", door},
		{"a host with a slash", "http://tandai:8080/", "", door},
		{"the door", door, "", door},
		{"the door with a slash", door + "/", "", door},
		{"a named server", "http://tandai:8080", "jkt", door + "/jkt"},
		{"the door, for a named server", door, "jkt", door + "/jkt"},
		{"the server's door", door + "/jkt", "jkt", door + "/jkt"},
		{"below a path", "https://x.example.com/tandai", "jkt", "https://x.example.com/tandai/webhooks/waha/jkt"},
		{"another server's door", door + "/sby", "jkt", ""},
		{"a named server's door, for the first", door + "/sby", "", ""},
		{"no scheme", "tandai:8080", "", ""},
		{"no address", "", "", ""},
		{"a query", "http://tandai?x=1", "", ""},
		{"another scheme", "ftp://tandai", "", ""},
	} {
		got, err := Address(tt.base, tt.server)
		if got != tt.want || (err == nil) != (tt.want != "") {
			t.Errorf("%s: %q, %v; want %q", tt.name, got, err, tt.want)
		}
	}
}

func TestRetries(t *testing.T) {
	for _, tt := range []struct{ name, retries, want string }{
		{"none", `{}`, "constant, 2 s × 15, 30 s in all"},
		{"ours", string(wantRetries), "exponential, 2 s × 10, 68 min in all"},
		{"linear", `{"policy":"linear","delaySeconds":10,"attempts":3}`, "linear, 10 s × 3, 60 s in all"},
		{"a day", `{"policy":"constant","delaySeconds":60,"attempts":1440}`, "constant, 60 s × 1440, 24 h in all"},
		{"at once", `{"delaySeconds":0}`, "constant, 0 s × 15, 0 s in all"},
		{"for ever and ever", `{"policy":"exponential","attempts":5000}`, "exponential, 2 s × 5000, 87600 h in all"},
		{"nonsense", `{"delaySeconds":-5,"attempts":-1}`, "constant, -5 s × -1, 0 s in all"},
	} {
		var r Retries
		if err := json.Unmarshal([]byte(tt.retries), &r); err != nil {
			t.Fatal(err)
		}
		if got := r.String(); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestFound(t *testing.T) {
	far := strings.Replace(perfect, "http://tandai:8080", "https://x.example.com/t", 1)
	for _, tt := range []struct {
		name, config, server string
		want                 []string
	}{
		{"none", `null`, "", nil},
		{"ours", `{"webhooks":[` + n8n + `,` + perfect + `]}`, "", []string{door}},
		{"with a password", `{"webhooks":[` + strings.Replace(perfect, "http://", "http://u:s3cret@", 1) + `]}`, "", []string{door}},
		{"signed by another", `{"webhooks":[` + strings.Replace(perfect, "k1", "theirs", 1) + `]}`, "", nil},
		{"two", `{"webhooks":[` + perfect + `,` + far + `]}`, "", []string{door, "https://x.example.com/t/webhooks/waha"}},
		{"of another server", `{"webhooks":[` + perfect + `]}`, "jkt", nil},
		{"of a named server", `{"webhooks":[` + strings.Replace(perfect, door, door+"/jkt", 1) + `]}`, "jkt", []string{door + "/jkt"}},
	} {
		if d := cmp.Diff(tt.want, Found(json.RawMessage(tt.config), tt.server, []string{"k0", "k1"})); d != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, d)
		}
	}
}
