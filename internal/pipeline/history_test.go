package pipeline

import (
	"fmt"
	"testing"

	"tandai/internal/waha/wahasim"
)

// history is what WAHA sends of some weeks at two clients: GOWS and NOWEB
// phones, people met as lid and as phone, labels made, renamed, deleted and made
// again, bursts in one millisecond, groups and broadcasts, statuses, messages
// with and without an advertisement, unknown events, a body nobody can read.
func history(t testing.TB) [][]byte {
	t.Helper()
	at := now0.UnixMilli() - 20*24*3600*1000
	sim := wahasim.New(wahasim.Config{Seed: 7})
	phone := func(session string, on wahasim.Engine, number, client string) *wahasim.Phone {
		p, err := sim.AddPhone(wahasim.PhoneConfig{Session: session, Engine: on, Number: number, LID: "19" + number[2:], PushName: "CS", Metadata: map[string]string{"klien": client}})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	var all [][]byte
	add := func(e wahasim.Event) {
		if !e.IsZero() {
			all = append(all, e.Body)
		}
	}
	step := func(ms int64) int64 { at += ms; return at }
	for _, p := range []*wahasim.Phone{
		phone("hansarang_cs1", wahasim.GOWS, "6281234500001", "hansarang"),
		phone("sari_cs1", wahasim.NOWEB, "6281234500002", "sari"),
	} {
		add(p.Status(step(1000), wahasim.StatusStarting, ""))
		add(p.Label(step(1000), wahasim.Lead{Phone: "6281299900099"}, "1")) // me is not known yet
		add(p.Status(step(1000), wahasim.StatusWorking, ""))
		for n := range 4 {
			lead := wahasim.Lead{Phone: fmt.Sprintf("628129990001%d", n), LID: fmt.Sprintf("20100000000001%d", n), Name: "Budi", Hidden: n%2 == 0}
			add(p.Label(step(3_600_000), lead, "1"))
			add(p.Label(step(0), lead, "2")) // the same millisecond
			ad := &wahasim.Referral{AdID: "120210000000000001", URL: "https://fb.me/x", ClickID: "click", Title: "Promo", App: "facebook"}
			add(p.Message(step(5000), wahasim.Message{Lead: lead, Text: "rahasia", Ad: ad, Reveal: n != 2}))
			add(p.Message(step(5000), wahasim.Message{Lead: lead, Text: "rahasia", FromMe: true}))
			add(p.Unlabel(step(86_400_000), lead.As(false), "1"))
		}
		add(p.Upsert(step(1000), wahasim.Label{ID: "1", Name: "Grade A", Color: 3}))
		add(p.Upsert(step(1000), wahasim.Label{ID: "2", Name: "🔥 panas", Color: 5}))
		add(p.Upsert(step(1000), wahasim.Label{ID: "1", Name: "Grade A+", Color: 3}))
		add(p.DeleteLabel(step(1000), "2"))
		add(p.Upsert(step(1000), wahasim.Label{ID: "2", Name: "Closing", Color: 6}))
		add(p.Label(step(1000), wahasim.Lead{Phone: "6281299900012"}, "2"))
		add(p.LabelChat(step(1000), "120363000000000001@g.us", "1", true))
		add(p.LabelChat(step(1000), "status@broadcast", "1", true))
		add(p.LabelChat(step(1000), "120363000000000002@newsletter", "1", true))
		all = append(all,
			envelope("evt_ack_"+p.Session(), map[string]string{"event": `"message.ack"`, "session": `"` + p.Session() + `"`}),
			envelope("evt_new_"+p.Session(), map[string]string{"event": `"label.v3"`, "session": `"` + p.Session() + `"`}),
			envelope("evt_bad_"+p.Session(), map[string]string{"payload": `{"labelId":1}`, "session": `"` + p.Session() + `"`}),
			[]byte(`{"id":"evt_cut_`+p.Session()+`","event":"label.chat.added","payload":{`),
		)
	}
	return all
}

// inverted is the history in another order, part of it twice.
func inverted(in [][]byte) [][]byte {
	var out [][]byte
	for i := range in {
		out = append(out, in[(i*31+5)%len(in)])
		if i%3 == 0 {
			out = append(out, in[(i*17)%len(in)])
		}
	}
	return out
}
