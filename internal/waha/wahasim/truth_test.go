package wahasim

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTruth(t *testing.T) {
	lead := Lead{Phone: "62812", LID: "201"}
	cases := map[string]struct {
		do   func(p *Phone)
		want []Active
	}{
		"on, twice: since the first": {func(p *Phone) {
			p.Upsert(1, Label{ID: "1", Name: "Grade A"})
			p.Label(2, lead, "1")
			p.Label(3, lead, "1")
		}, []Active{{"cs1", "62812", "1", "Grade A", 2, false}}},
		"on and off": {func(p *Phone) { p.Label(1, lead, "1"); p.Unlabel(2, lead, "1") }, nil},
		"off without on, then on": {func(p *Phone) { p.Unlabel(1, lead, "1"); p.Label(2, lead, "1") },
			[]Active{{"cs1", "62812", "1", "", 2, false}}},
		"on and off in one millisecond": {func(p *Phone) { p.Label(1, lead, "1"); p.Unlabel(1, lead, "1") },
			[]Active{{"cs1", "62812", "1", "", 1, true}}},
		"a tie is over with a later removal": {func(p *Phone) {
			p.Label(1, lead, "1")
			p.Unlabel(1, lead, "1")
			p.Unlabel(2, lead, "1")
			p.Label(3, lead, "1")
		}, []Active{{"cs1", "62812", "1", "", 3, false}}},
		"a tie is not over with a later add": {func(p *Phone) {
			p.Unlabel(1, lead, "1")
			p.Label(1, lead, "1")
			p.Label(2, lead, "1")
		}, []Active{{"cs1", "62812", "1", "", 1, true}}},
		"two chats of one person, not known as one": {func(p *Phone) {
			p.Label(1, lead.As(true), "1")
			p.Unlabel(2, lead, "1")
			p.Label(3, lead, "2")
		}, []Active{{"cs1", "201@lid", "1", "", 1, false}, {"cs1", "62812", "2", "", 3, false}}},
		"two chats of one person, known as one afterwards": {func(p *Phone) {
			p.Label(1, lead.As(true), "1")
			p.Label(2, lead, "1")
			p.Message(3, Message{Lead: lead.As(true), Reveal: true})
		}, []Active{{"cs1", "62812", "1", "", 1, false}}},
		"put on by one id and taken by the other": {func(p *Phone) {
			p.Message(1, Message{Lead: lead, FromMe: true, Reveal: true})
			p.Label(2, lead.As(true), "1")
			p.Unlabel(3, lead, "1")
		}, nil},
		"no number at all": {func(p *Phone) { p.Label(1, Lead{LID: "201"}, "1") },
			[]Active{{"cs1", "201@lid", "1", "", 1, false}}},
		"deleting the label takes it from everybody": {func(p *Phone) {
			p.Label(1, lead, "1")
			p.Label(1, Lead{Phone: "62813"}, "1")
			p.DeleteLabel(2, "1")
			p.Upsert(3, Label{ID: "1", Name: "Reseller"})
			p.Label(4, Lead{Phone: "62813"}, "1")
		}, []Active{{"cs1", "62813", "1", "Reseller", 4, false}}},
		"groups are nobody": {func(p *Phone) { p.LabelChat(1, "1@g.us", "1", true) }, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p := newPhone(t, GOWS)
			c.do(p)
			if diff := cmp.Diff(c.want, p.srv.Truth()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTruth_PairsArePerSession(t *testing.T) {
	s := New(Config{})
	lead := Lead{Phone: "62812", LID: "201", Hidden: true}
	for _, name := range []string{"a", "b"} {
		p, err := s.AddPhone(PhoneConfig{Session: name, Engine: GOWS, Number: "62811"})
		if err != nil {
			t.Fatal(err)
		}
		p.Label(1, lead, "1")
	}
	s.Phone("b").Message(2, Message{Lead: lead, Reveal: true})
	want := []Active{{"a", "201@lid", "1", "", 1, false}, {"b", "62812", "1", "", 1, false}}
	if diff := cmp.Diff(want, s.Truth()); diff != "" {
		t.Error(diff)
	}
}
