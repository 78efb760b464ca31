package wahasim

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func newPhone(t *testing.T, e Engine) *Phone {
	t.Helper()
	p, err := New(Config{Seed: 1}).AddPhone(PhoneConfig{Session: "cs1", Engine: e, Number: "6281199900001", LID: "190000000000001", PushName: "CS 1"})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func payload[T any](t *testing.T, ev Event) (p T) {
	t.Helper()
	var body struct {
		Payload json.RawMessage `json:"payload"`
	}
	if err := json.Unmarshal(ev.Body, &body); err != nil {
		t.Fatalf("%s: %v", ev.Body, err)
	}
	if err := json.Unmarshal(body.Payload, &p); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestMessage_OtherID(t *testing.T) {
	type info struct {
		ID   string `json:"id"`
		From string `json:"from"`
		To   string `json:"to"`
		Data struct {
			Info struct{ Chat, Sender, AddressingMode, SenderAlt, RecipientAlt string }
			Key  struct{ RemoteJid, RemoteJidAlt, AddressingMode string }
		} `json:"_data"`
	}
	lead := Lead{Phone: "6281299900011", LID: "201000000000011", Name: "Budi"}
	cases := map[string]struct {
		engine Engine
		m      Message
		want   []string // from, to, alt as sender, alt as recipient, alt of NOWEB, addressing mode
	}{
		"GOWS, from the lead by hidden id":       {GOWS, Message{Lead: lead.As(true), Reveal: true}, []string{"201000000000011@lid", "", "6281299900011@s.whatsapp.net", "", "", "lid"}},
		"GOWS, from the CS by hidden id":         {GOWS, Message{Lead: lead.As(true), FromMe: true, Reveal: true}, []string{"201000000000011@lid", "", "", "6281299900011@s.whatsapp.net", "", "lid"}},
		"GOWS, by number":                        {GOWS, Message{Lead: lead, Reveal: true}, []string{"6281299900011@c.us", "", "201000000000011@lid", "", "", "pn"}},
		"GOWS, with a device":                    {GOWS, Message{Lead: lead.As(true), Reveal: true, Device: 12}, []string{"201000000000011@lid", "", "6281299900011:12@s.whatsapp.net", "", "", "lid"}},
		"GOWS, nothing revealed":                 {GOWS, Message{Lead: lead.As(true)}, []string{"201000000000011@lid", "", "", "", "", "lid"}},
		"GOWS, nothing to reveal":                {GOWS, Message{Lead: Lead{LID: "7"}, Reveal: true}, []string{"7@lid", "", "", "", "", "lid"}},
		"NOWEB, by hidden id":                    {NOWEB, Message{Lead: lead.As(true), Reveal: true}, []string{"201000000000011@lid", "", "", "", "6281299900011@s.whatsapp.net", "lid"}},
		"NOWEB, from the CS, by number":          {NOWEB, Message{Lead: lead, FromMe: true, Reveal: true}, []string{"6281299900011@c.us", "", "", "", "201000000000011@lid", "pn"}},
		"WPP, from the CS: the sides, no pair":   {WPP, Message{Lead: lead, FromMe: true, Reveal: true}, []string{"6281199900001@c.us", "6281299900011@c.us", "", "", "", ""}},
		"WEBJS, from the lead: the sides":        {WEBJS, Message{Lead: lead, Reveal: true}, []string{"6281299900011@c.us", "6281199900001@c.us", "", "", "", ""}},
		"GOWS, from the CS by number, no device": {GOWS, Message{Lead: lead, FromMe: true}, []string{"6281299900011@c.us", "", "", "", "", "pn"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			ev := newPhone(t, c.engine).Message(1795399261337, c.m)
			p := payload[info](t, ev)
			got := []string{p.From, p.To, p.Data.Info.SenderAlt, p.Data.Info.RecipientAlt, p.Data.Key.RemoteJidAlt,
				p.Data.Info.AddressingMode + p.Data.Key.AddressingMode}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
			if ev.Name != "message.any" || !strings.Contains(string(ev.Body), `"event":"message.any"`) {
				t.Errorf("event %q", ev.Name)
			}
			prefix := "false_"
			if c.m.FromMe {
				prefix = "true_"
			}
			if want := prefix + c.m.Lead.ChatID() + "_3"; !strings.HasPrefix(p.ID, want) {
				t.Errorf("message id %q, want %q…", p.ID, want)
			}
		})
	}
}

func TestEvents_ValidJSONOfAnyText(t *testing.T) {
	odd := "\" \\ \b\f\n\r\t\x00\x1f <b>&amp; \u2028 é 🔥 \xff"
	for _, e := range []Engine{GOWS, NOWEB, WPP, WEBJS} {
		p := newPhone(t, e)
		p.Upsert(1, Label{ID: "9", Name: odd, Color: 3})
		lead := Lead{Phone: "62812", Name: odd}
		ad := gamis
		ad.Title = odd
		for _, ev := range []Event{p.Upsert(1, Label{ID: "9", Name: odd}), p.Label(2, lead, "9"),
			p.Message(3, Message{Lead: lead, Text: odd}), p.Message(4, Message{Lead: lead, Text: odd, Ad: &ad}),
			p.Status(5, StatusFailed, ""), p.DeleteLabelByREST(6, "9")} {
			if ev.IsZero() {
				continue
			}
			if !json.Valid(ev.Body) {
				t.Errorf("%s %s is not JSON: %s", e, ev.Name, ev.Body)
			}
			if strings.Contains(string(ev.Body), `\u003c`) {
				t.Errorf("%s %s escapes what JSON.stringify does not", e, ev.Name)
			}
		}
	}
	var w writer
	if got, want := w.str(odd).string(), `"\" \\ \b\f\n\r\t\u0000\u001f <b>&amp; `+"\u2028"+` é 🔥 `+"\ufffd\""; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestEngines_Silence(t *testing.T) {
	p := newPhone(t, WEBJS)
	for _, ev := range []Event{p.Upsert(1, Label{ID: "1"}), p.Label(2, budi, "1"), p.Unlabel(3, budi, "1"), p.LabelChat(4, "1@g.us", "1", true), p.DeleteLabel(5, "1")} {
		if !ev.IsZero() {
			t.Errorf("WEBJS emitted %s", ev.Name)
		}
	}
	if ev := p.Status(6, StatusWorking, ""); ev.IsZero() {
		t.Error("WEBJS emitted no session.status")
	}
}

func TestNOWEB_LabelKnown(t *testing.T) {
	type assoc struct {
		Label *struct{ Name, ColorHex string }
	}
	p := newPhone(t, NOWEB)
	if got := payload[assoc](t, p.Label(1, budi, "6")).Label; got != nil {
		t.Errorf("a label never heard of is %v, want null", got)
	}
	p.Upsert(2, followUp)
	if got := payload[assoc](t, p.Label(3, budi, "6")).Label; got == nil || got.Name != "Follow up" || got.ColorHex != "#55ccb3" {
		t.Errorf("a known label is %v", got)
	}
	p.DeleteLabel(4, "6")
	if got := payload[assoc](t, p.Unlabel(5, budi, "6")).Label; got != nil {
		t.Errorf("a deleted label is %v, want null", got)
	}
}

func TestVersionWithoutEngine(t *testing.T) {
	s := New(Config{Version: VersionWithoutEngine})
	p, err := s.AddPhone(PhoneConfig{Session: "cs1", Engine: GOWS, Number: "62811", Metadata: map[string]string{}})
	if err != nil {
		t.Fatal(err)
	}
	body := string(p.Status(1, StatusWorking, "").Body)
	for _, no := range []string{`},"engine":`, `"data"`, `"lid"`} {
		if strings.Contains(body, no) {
			t.Errorf("%s in %s", no, body)
		}
	}
	for _, yes := range []string{`"metadata":{},`, `"environment":{"version":"2026.2.1","engine":"GOWS"`} {
		if !strings.Contains(body, yes) {
			t.Errorf("%s not in %s", yes, body)
		}
	}
}

func TestAddPhone_Refusals(t *testing.T) {
	s := New(Config{})
	if _, err := s.AddPhone(PhoneConfig{Session: "a", Number: "1", Engine: "VENOM"}); err == nil {
		t.Error("an unknown engine was taken")
	}
	if _, err := s.AddPhone(PhoneConfig{Engine: GOWS, Number: "1"}); err == nil {
		t.Error("a session without name was taken")
	}
	if _, err := s.AddPhone(PhoneConfig{Session: "a", Engine: GOWS, Number: "1"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddPhone(PhoneConfig{Session: "a", Engine: GOWS, Number: "2"}); err == nil {
		t.Error("the same session was taken twice")
	}
	if s.Phone("a") == nil || s.Phone("b") != nil {
		t.Error("Phone does not find what was added, or more")
	}
}

func TestIDs(t *testing.T) {
	make3 := func(seed uint64) (ids []string) {
		p, err := New(Config{Seed: seed}).AddPhone(PhoneConfig{Session: "a", Engine: GOWS, Number: "62811"})
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			ev := p.Message(1795399261337, Message{Lead: budi})
			ids = append(ids, ev.ID, payload[struct{ ID string }](t, ev).ID)
		}
		return ids
	}
	a, again, b := make3(1), make3(1), make3(2)
	if diff := cmp.Diff(a, again); diff != "" {
		t.Errorf("one seed, two results:\n%s", diff)
	}
	seen := map[string]bool{}
	for _, id := range append(a, b...) {
		if seen[id] {
			t.Errorf("%s was given twice", id)
		}
		seen[id] = true
	}
	// The first 10 characters are the time: those of a captured id of the same millisecond.
	if want := "evt_01m832574s"; !strings.HasPrefix(a[0], want) || len(a[0]) != 30 {
		t.Errorf("id %q, want %q and 16 more", a[0], want)
	}
}
