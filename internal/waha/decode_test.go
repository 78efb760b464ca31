package waha

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// decoded keeps a body and decodes what was kept, as intake and pipeline do.
func decoded(t *testing.T, body string) (Delivery, string) {
	t.Helper()
	d, err := Decode(Keep([]byte(body)).Body)
	if p := (*Problem)(nil); err != nil && !errors.As(err, &p) {
		t.Fatalf("error %v is not a *Problem", err)
	}
	return d, message(err)
}

func with(event, session, timestamp, payload string) string {
	return `{"id":"evt_1","timestamp":` + timestamp + `,"event":"` + event + `","session":` + session + `,"payload":` + payload + `}`
}

func TestDecode_badInput(t *testing.T) {
	const label = `{"labelId":"1","chatId":"6281299900011@c.us","label":null}`
	long := strings.Repeat("x", 10_000)
	added := func(payload string) string { return envelopeOf("label.chat.added", payload) }
	upsert := func(payload string) string { return envelopeOf("label.upsert", payload) }
	for _, c := range []struct{ name, body, want string }{
		{"empty", "", remainsProblem},
		{"not JSON", "hello", remainsProblem},
		{"no session", `{"timestamp":1,"event":"label.upsert","payload":{"id":"1"}}`, "session is missing, want a string"},
		{"session null", with("label.upsert", `null`, `1`, `{"id":"1"}`), "session is null, want a string"},
		{"session is a number", with("label.upsert", `5`, `1`, `{"id":"1"}`), "session is a number, want a string"},
		{"session is empty", with("label.upsert", `""`, `1`, `{"id":"1"}`), "session is empty"},
		{"session with a space", with("label.upsert", `"toko aisyah"`, `1`, `{"id":"1"}`), "session has the character U+0020, want only letters, digits, '_' and '-'"},
		{"session is long", with("label.upsert", `"`+long+`"`, `1`, `{"id":"1"}`), "session is 10000 characters long, want at most 54"},
		{"session with NUL", with("label.upsert", `"a\u0000"`, `1`, `{"id":"1"}`), "session has the character U+0000, want only letters, digits, '_' and '-'"},
		{"session of an unused event", with("message.ack", `"toko aisyah"`, `1`, `{}`), "session has the character U+0020, want only letters, digits, '_' and '-'"},
		{"no timestamp", `{"event":"label.upsert","session":"toko","payload":{"id":"1"}}`, "timestamp is missing, want a whole number"},
		{"timestamp is a string", with("label.upsert", `"toko"`, `"1795399261337"`, `{"id":"1"}`), "timestamp is a string, want a whole number"},
		{"timestamp has a fraction", with("label.upsert", `"toko"`, `1795399261337.5`, `{"id":"1"}`), "timestamp is 1795399261337.5, want a whole number"},
		{"timestamp is an object", with("message.ack", `"toko"`, `{"x":1}`, `{}`), "timestamp is an object, want a whole number"},

		{"no payload", `{"timestamp":1,"event":"label.upsert","session":"toko"}`, "payload is missing, want an object"},
		{"payload null", added(`null`), "payload is null, want an object"},
		{"payload is a list", added(`[` + label + `]`), "payload is an array, want an object"},
		{"payload is a string", envelopeOf("message.any", `"x"`), "payload is a string, want an object"},
		{"status payload is a number", envelopeOf("session.status", `1`), "payload is missing, want an object"},

		{"label id is a number", added(`{"labelId":4,"chatId":"6281299900011@c.us"}`), "payload.labelId is a number, want a string"},
		{"label id is missing", added(`{"chatId":"6281299900011@c.us"}`), "payload.labelId is missing, want a string"},
		{"label id is null", added(`{"labelId":null,"chatId":"6281299900011@c.us"}`), "payload.labelId is null, want a string"},
		{"label id is empty", added(`{"labelId":"","chatId":"6281299900011@c.us"}`), "payload.labelId is empty"},
		{"label id has a space", added(`{"labelId":"4 2","chatId":"6281299900011@c.us"}`), "payload.labelId has the character U+0020 at 1, want only letters, digits and . _ : -"},
		{"label id has NUL", added(`{"labelId":"4\u0000","chatId":"6281299900011@c.us"}`), "payload.labelId has the character U+0000 at 1, want only letters, digits and . _ : -"},
		{"label id is of another script", added(`{"labelId":"٤","chatId":"6281299900011@c.us"}`), "payload.labelId has the character U+0664 at 0, want only letters, digits and . _ : -"},
		{"label id is long", added(`{"labelId":"` + strings.Repeat("1", 65) + `","chatId":"6281299900011@c.us"}`), "payload.labelId is 65 bytes long, want at most 64"},
		{"label id twice", added(`{"labelId":"1","chatId":"6281299900011@c.us","labelId":"2"}`), "payload.labelId stands more than once"},
		{"label id in another case", added(`{"labelID":"1","chatId":"6281299900011@c.us"}`), "payload.labelId is missing, want a string"},

		{"chat id is missing", added(`{"labelId":"1"}`), "payload.chatId is missing, want a string"},
		{"chat id is null", added(`{"labelId":"1","chatId":null}`), "payload.chatId is null, want a string"},
		{"chat id is a number", added(`{"labelId":"1","chatId":6281299900011}`), "payload.chatId is a number, want a string"},
		{"chat id is an object", added(`{"labelId":"1","chatId":{"_serialized":"6281299900011@c.us"}}`), "payload.chatId is an object, want a string"},
		{"chat id without a server", added(`{"labelId":"1","chatId":"6281299900011"}`), "payload.chatId has no @"},
		{"chat id with NUL", added(`{"labelId":"1","chatId":"6281299900011\u0000@c.us"}`), "payload.chatId has a character no chat id has, at byte 13"},
		{"chat id with a plus", added(`{"labelId":"1","chatId":"+6281299900011@c.us"}`), "payload.chatId begins with +, want digits only"},
		{"chat id is long", added(`{"labelId":"1","chatId":"` + long + `"}`), "payload.chatId is 10000 bytes long, want at most 128"},

		{"label is a string", added(`{"labelId":"1","chatId":"6281299900011@c.us","label":"Grade A"}`), "payload.label is a string, want an object or null"},
		{"label is a list", added(`{"labelId":"1","chatId":"6281299900011@c.us","label":[]}`), "payload.label is an array, want an object or null"},
		{"label of another id", added(`{"labelId":"1","chatId":"6281299900011@c.us","label":{"id":"2"}}`), "payload.label.id is another id than payload.labelId"},
		{"label's id is a number", added(`{"labelId":"1","chatId":"6281299900011@c.us","label":{"id":1}}`), "payload.label.id is a number, want a string"},
		{"label's name is a number", added(`{"labelId":"1","chatId":"6281299900011@c.us","label":{"name":1}}`), "payload.label.name is a number, want a string"},
		{"label's name of 10 kB", added(`{"labelId":"1","chatId":"6281299900011@c.us","label":{"name":"` + long + `"}}`), "payload.label.name is 10000 characters long, want at most 255"},
		{"label's name twice", added(`{"labelId":"1","chatId":"6281299900011@c.us","label":{"name":"a","n\u0061me":"b"}}`), "payload.label.name stands more than once"},

		{"edit without an id", upsert(`{"name":"Lead"}`), "payload.id is missing, want a string"},
		{"edit with a number for an id", upsert(`{"id":9,"name":"Lead"}`), "payload.id is a number, want a string"},
		{"edit with a name of 10 kB", upsert(`{"id":"9","name":"` + long + `"}`), "payload.name is 10000 characters long, want at most 255"},
		{"edit with NUL in the name", upsert(`{"id":"9","name":"Le\u0000ad"}`), "payload.name has a NUL character in it"},
		{"edit with a line end in the name", upsert(`{"id":"9","name":"Lead\n"}`), "payload.name has the control character U+000A in it"},
		{"edit with a C1 control in the name", upsert(`{"id":"9","name":"Lead` + "\u0085" + `"}`), "payload.name has the control character U+0085 in it"},
		{"edit with a name that is a list", upsert(`{"id":"9","name":["Lead"]}`), "payload.name is an array, want a string"},

		{"client of 10 kB", `{"timestamp":1,"event":"label.upsert","session":"toko","metadata":{"klien":"` + long + `"},"payload":{"id":"1"}}`, "metadata.klien is 10000 characters long, want at most 100"},
		{"client with a control character", `{"timestamp":1,"event":"label.upsert","session":"toko","metadata":{"klien":"a\tb"},"payload":{"id":"1"}}`, "metadata.klien has the control character U+0009 in it"},
		{"two clients", `{"timestamp":1,"event":"label.upsert","session":"toko","metadata":{"klien":"a","klien":"b"},"payload":{"id":"1"}}`, "metadata.klien stands more than once"},
		{"two me ids", `{"timestamp":1,"event":"label.upsert","session":"toko","me":{"id":"62812@c.us","id":"62813@c.us"},"payload":{"id":"1"}}`, "me.id stands more than once"},

		{"status missing", envelopeOf("session.status", `{"name":"toko"}`), "payload.status is missing, want a string"},
		{"status null", envelopeOf("session.status", `{"status":null}`), "payload.status is null, want a string"},
		{"status empty", envelopeOf("session.status", `{"status":""}`), "payload.status is empty or not the name of a status"},
		{"status twice", envelopeOf("session.status", `{"status":"WORKING","status":"FAILED"}`), "payload.status stands more than once"},

		{"message without a time", envelopeOf("message", `{"from":"62812@c.us","fromMe":false}`), "payload.timestamp is missing, want a whole number"},
		{"message time is zero", envelopeOf("message", `{"timestamp":0,"from":"62812@c.us","fromMe":false}`), "payload.timestamp is 0, want seconds since 1970"},
		{"message time is negative", envelopeOf("message", `{"timestamp":-5,"from":"62812@c.us","fromMe":false}`), "payload.timestamp is -5, want seconds since 1970"},
		{"message time in milliseconds", envelopeOf("message", `{"timestamp":1795400405000,"from":"62812@c.us","fromMe":false}`), "payload.timestamp is 1795400405000, which is too large for seconds since 1970"},
		{"message time is a date", envelopeOf("message", `{"timestamp":"2026-11-23","from":"62812@c.us","fromMe":false}`), "payload.timestamp is a string that is not a whole number"},
		{"message time has a fraction", envelopeOf("message", `{"timestamp":1.5,"from":"62812@c.us","fromMe":false}`), "payload.timestamp is 1.5, want a whole number"},
		{"message time is an object", envelopeOf("message", `{"timestamp":{"low":1},"from":"62812@c.us","fromMe":false}`), "payload.timestamp is an object, want a whole number"},
		{"message id is an object", envelopeOf("message", `{"id":{"_serialized":"x"},"timestamp":1795400405,"from":"62812@c.us","fromMe":false}`), "payload.id is an object, want a string"},
		{"message without a direction", envelopeOf("message", `{"timestamp":1795400405,"from":"62812@c.us"}`), "payload.fromMe is missing, want true or false"},
		{"message direction is a string", envelopeOf("message", `{"timestamp":1795400405,"from":"62812@c.us","fromMe":"false"}`), "payload.fromMe is a string, want true or false"},
		{"message without a chat", envelopeOf("message", `{"timestamp":1795400405,"fromMe":false}`), "payload.from is missing, want a chat id"},
		{"message chat is null", envelopeOf("message", `{"timestamp":1795400405,"fromMe":false,"from":null}`), "payload.from is null, want a chat id"},
		{"message chat is a number", envelopeOf("message", `{"timestamp":1795400405,"fromMe":false,"from":6281299900011}`), "payload.from is a number, want a string"},
		{"message chat is a sentence", envelopeOf("message", `{"timestamp":1795400405,"fromMe":false,"from":"`+secret+`"}`), "payload.from is empty or no chat id"},
		{"message chat is odd", envelopeOf("message", `{"timestamp":1795400405,"fromMe":false,"from":"0812@c.us"}`), "payload.from begins with 0, want the country code first"},
		{"engine's chat is odd", envelopeOf("message", `{"timestamp":1795400405,"fromMe":false,"from":"62812@c.us","_data":{"Info":{"Chat":"nobody"}}}`), "payload._data.Info.Chat has no @"},
		{"engine's chat is an object", envelopeOf("message", `{"timestamp":1795400405,"fromMe":false,"from":"62812@c.us","_data":{"key":{"remoteJid":{}}}}`), "payload._data.key.remoteJid is an object, want a string"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, got := decoded(t, c.body); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// Reasons go to logs and pages: they repeat no number and no name.
func TestDecode_reasonsTellNothing(t *testing.T) {
	for _, chat := range []string{"+6281299900011@c.us", "06281299900011@c.us", "6281299900011", "6281299900011@@c.us", "6281299900011 @c.us", "6281299900011x@c.us", "6281299900011:x@c.us"} {
		_, got := decoded(t, envelopeOf("label.chat.added", `{"labelId":"1","chatId":"`+chat+`","label":{"name":"Budi"}}`))
		if got == "" || strings.Contains(got, "81299900011") || strings.Contains(got, "Budi") {
			t.Errorf("%s: %q", chat, got)
		}
	}
}

func TestDecode_unusedEvents(t *testing.T) {
	for _, event := range []string{"message.ack", "group.v2.join", "surely.unknown"} {
		d, problem := decoded(t, with(event, `"toko"`, `1795399261337`, `{"x":[1]}`))
		want := Delivery{Head: Head{"evt_1", 1795399261337, "", event, "toko"}}
		if diff := cmp.Diff(want, d); diff != "" || problem != "" {
			t.Errorf("%s: %q (-want +got):\n%s", event, problem, diff)
		}
	}
}

func TestDecode_envelope(t *testing.T) {
	for _, c := range []struct {
		name, members string // members of the envelope beside the needed ones
		me            Me
		klien, engine string
	}{
		{"nothing more", ``, Me{}, "", ""},
		{"me null", `"me":null,`, Me{}, "", ""},
		{"me empty", `"me":{},`, Me{}, "", ""},
		{"me a string", `"me":"6281234500001@c.us",`, Me{}, "", ""},
		{"me", `"me":{"id":"6281234500001@c.us","lid":"190000000000001@lid"},`, Me{"6281234500001", "190000000000001"}, "", ""},
		{"me with devices", `"me":{"id":"6281234500001:7@s.whatsapp.net","lid":"190000000000001:7@lid"},`, Me{"6281234500001", "190000000000001"}, "", ""},
		{"me with a hidden id only", `"me":{"id":"190000000000001@lid"},`, Me{"", "190000000000001"}, "", ""},
		{"me of odd form", `"me":{"id":"CS 1","lid":5},`, Me{}, "", ""},
		{"me id null", `"me":{"id":null,"lid":null},`, Me{}, "", ""},
		{"metadata empty", `"metadata":{},`, Me{}, "", ""},
		{"metadata null", `"metadata":null,`, Me{}, "", ""},
		{"metadata a list", `"metadata":["klien"],`, Me{}, "", ""},
		{"client", `"metadata":{"klien":"Hansa Rang"},`, Me{}, "Hansa Rang", ""},
		{"client is a number", `"metadata":{"klien":5},`, Me{}, "", ""},
		{"client in another case", `"metadata":{"Klien":"x"},`, Me{}, "", ""},
		{"engine", `"engine":"GOWS","environment":{"engine":"NOWEB"},`, Me{}, "", "GOWS"},
		{"engine of the environment", `"environment":{"engine":"GOWS"},`, Me{}, "", "GOWS"},
		{"engine null", `"engine":null,"environment":{"engine":"GOWS"},`, Me{}, "", "GOWS"},
		{"no engine", `"environment":null,`, Me{}, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, event := range []string{"label.deleted", "message"} {
				payload := `{"id":"9","timestamp":1795400405,"fromMe":false,"from":"62812@c.us"}`
				d, problem := decoded(t, `{"timestamp":1,"event":"`+event+`","session":"toko",`+c.members+`"payload":`+payload+`}`)
				if problem != "" || d.Me != c.me || d.Klien != c.klien || d.Engine != c.engine {
					t.Errorf("%s: %q, %+v, client %q, engine %q", event, problem, d.Me, d.Klien, d.Engine)
				}
			}
		})
	}
}

func TestDecode_label(t *testing.T) {
	color := func(n int) *int { return &n }
	name255 := strings.Repeat("🔥", 255)
	for _, c := range []struct {
		name, label string
		want        *Label
	}{
		{"null", `null`, nil},
		{"empty object", `{}`, &Label{ID: "7"}},
		{"name null", `{"id":"7","name":null}`, &Label{ID: "7"}},
		{"WAHA's", `{"id":"7","name":"Lunas","color":5,"colorHex":"#55ccb3"}`, &Label{"7", "Lunas", color(5), "#55ccb3"}},
		{"wa-js'", `{"id":"7","name":"Lunas","color":4283813291,"count":3,"hexColor":"#55ccb3","colorIndex":5}`, &Label{"7", "Lunas", color(5), "#55ccb3"}},
		{"wa-js' without an index", `{"id":"7","name":"Lunas","color":4283813291,"hexColor":"#55ccb3"}`, &Label{"7", "Lunas", nil, "#55ccb3"}},
		{"a colour of another kind", `{"id":"7","color":4283813291}`, &Label{ID: "7"}},
		{"a colour of another type", `{"id":"7","color":"5","colorHex":5}`, &Label{ID: "7"}},
		{"a colour that is no colour", `{"id":"7","color":-1,"colorHex":"red"}`, &Label{ID: "7"}},
		{"a colour outside the palette", `{"id":"7","color":27,"colorHex":"#000000"}`, &Label{"7", "", color(27), "#000000"}},
		{"as long as a name may be", `{"id":"7","name":"` + name255 + `"}`, &Label{ID: "7", Name: name255}},
		{"WhatsApp's own list", `{"id":"7","name":"\u200eBelum dibaca"}`, &Label{ID: "7", Name: "\u200eBelum dibaca"}},
		{"right to left, with spaces kept", `{"id":"7","name":" مهتم  "}`, &Label{ID: "7", Name: " مهتم  "}},
		{"half an emoji", `{"id":"7","name":"a\ud83d"}`, &Label{ID: "7", Name: "a\ufffd"}},
		{"escapes", `{"id":"7","name":"\ud83d\udd25 \"A\" \/"}`, &Label{ID: "7", Name: `🔥 "A" /`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, problem := decoded(t, envelopeOf("label.chat.added", `{"labelId":"7","chatId":"6281299900011:3@c.us","label":`+c.label+`}`))
			want := &LabelChat{Added: true, LabelID: "7", ChatID: "6281299900011:3@c.us", Kind: ChatPhone, User: "6281299900011", Label: c.want}
			if diff := cmp.Diff(want, d.LabelChat); diff != "" || problem != "" {
				t.Errorf("%q (-want +got):\n%s", problem, diff)
			}
			if c.want == nil {
				return
			}
			for _, deleted := range []bool{false, true} {
				event := map[bool]string{false: "label.upsert", true: "label.deleted"}[deleted]
				label := c.label
				if !strings.Contains(label, `"id"`) {
					label = `{"id":"7"}`
				}
				d, problem = decoded(t, envelopeOf(event, label))
				if diff := cmp.Diff(&LabelEdit{deleted, *c.want}, d.LabelEdit); diff != "" || problem != "" {
					t.Errorf("%s: %q (-want +got):\n%s", event, problem, diff)
				}
			}
		})
	}
}

func TestDecode_status(t *testing.T) {
	d, problem := decoded(t, envelopeOf("session.status", `{"status":"WORKING","statuses":[{"status":"STARTING","timestamp":5},7,{"status":"X","timestamp":"y"},{"timestamp":1},{"status":"WORKING","timestamp":9,"status":"FAILED"},{"status":"WORKING","timestamp":9}]}`))
	want := &SessionStatus{"WORKING", []StatusChange{{"STARTING", 5}, {"WORKING", 9}}}
	if diff := cmp.Diff(want, d.Status); diff != "" || problem != "" {
		t.Errorf("%q (-want +got):\n%s", problem, diff)
	}
	for _, payload := range []string{`{"status":"WORKING"}`, `{"status":"WORKING","statuses":null}`, `{"status":"WORKING","statuses":{}}`} {
		if d, problem := decoded(t, envelopeOf("session.status", payload)); problem != "" || d.Status == nil || d.Status.Statuses != nil {
			t.Errorf("%s: %q %+v", payload, problem, d.Status)
		}
	}
}
