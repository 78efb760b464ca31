package pipeline

import (
	"maps"
	"slices"
	"testing"
	"time"
)

// TestOutboundHeaders: the headers that the door kept go with the body, and what
// cannot be read of them is left out.
func TestOutboundHeaders(t *testing.T) {
	p := New(Config{Now: func() time.Time { return now0 }, Relay: &Relay{For: func(string) []string { return []string{"n8n"} }}})
	for headers, want := range map[string]map[string]string{
		"": nil, `{"User-Agent":"WAHA/2026.2.1","X-Custom":"é"}`: {"User-Agent": "WAHA/2026.2.1", "X-Custom": "é"}, "{": nil,
	} {
		d := delivery(mark("toko", "6281299900011@c.us", "1", true, 1), now0)
		d.Headers = headers
		out := p.outboundOf(&d)
		if out == nil || !maps.Equal(out.Headers, want) {
			t.Errorf("%q: %+v", headers, out)
		}
	}
}

// TestHealOutbox: what was to be sent on is lost with the log and comes back with
// it, that of groups too, which leave nothing in the log; and once only.
func TestHealOutbox(t *testing.T) {
	for _, on := range engines {
		t.Run(on.name, func(t *testing.T) {
			w := newWorld(t, on)
			w.cfg.Batch = 5
			w.cfg.Relay = &Relay{For: func(string) []string { return []string{"crm", "n8n"} }}
			outbox := func() []string {
				return w.rows("SELECT d.destination, p.event, p.session, p.event_id, p.body FROM deliveries d JOIN outbox_payloads p ON p.seq = d.payload ORDER BY 1, 4")
			}
			w.remember()
			w.receiveHistory()
			w.run()
			want := outbox()
			groups := w.rows("SELECT p.event_id FROM outbox_payloads p WHERE NOT EXISTS (SELECT 1 FROM label_events e WHERE e.event_id = p.event_id) AND p.event = 'label.chat.added'")
			if len(want) == 0 || len(groups) == 0 {
				t.Fatalf("%d deliveries, %d of them of groups", len(want), len(groups))
			}
			w.forget()
			w.db.Exec(t, "DELETE FROM deliveries")
			w.db.Exec(t, "DELETE FROM outbox_payloads")
			w.clock.move(5 * 24 * time.Hour)
			p := w.start()
			w.healed(1)
			w.until("the outbox is healed", func() bool { return slices.Equal(outbox(), want) })
			p.stop()
			p = w.start() // and heals again, which adds nothing
			w.drain()
			p.stop()
			w.same("deliveries", want, outbox())
		})
	}
}
