package pipeline

import (
	"context"
	"encoding/json"
	"time"

	"tandai/internal/inbox"
	"tandai/internal/label"
	"tandai/internal/store"
	"tandai/internal/waha"
)

// Relay says which deliveries are sent on, beside their recording.
type Relay struct {
	// For lists the destinations of an event.
	For func(event string) []string
	// Wake is called when something was written to the outbox, and must not block.
	// May be nil.
	Wake func()
	// Keep is how long the outbox knows what it has sent. What is older is not sent
	// by a replay: it might be sent twice. 0 = for good.
	Keep time.Duration
}

// outboundOf is what of a delivery is sent on: every label event and every
// session.status whose head can be read, those too that are skipped or that
// cannot be understood further, since whoever stands behind would have had them
// from WAHA. Messages are not kept whole, and so not sent.
func (p *Pipeline) outboundOf(d *inbox.Delivery) *store.Outbound {
	r := p.cfg.Relay
	if r == nil || unread(*d) {
		return nil
	}
	if !Relayed(d.Event) {
		return nil
	}
	again := d.SettledAt != 0
	if again && r.Keep > 0 && d.ReceivedAt < p.cfg.Now().Add(-r.Keep).UnixMilli() {
		return nil
	}
	to := r.For(d.Event)
	if len(to) == 0 {
		return nil
	}
	return &store.Outbound{
		ID: label.Key(d.Key).ID(), Session: d.SessionName(), Event: d.Event, At: d.At, Body: d.Body, Headers: p.headersOf(d), Destinations: to,
		ReceivedAt: d.ReceivedAt, Again: again,
	}
}

// Relayed reports whether events of that name are sent on.
func Relayed(event string) bool {
	switch event {
	case waha.EventLabelChatAdded, waha.EventLabelChatDeleted, waha.EventLabelUpsert, waha.EventLabelDeleted, waha.EventSessionStatus:
		return true
	}
	return false
}

// headersOf reads the headers that the door kept. There are none of what came
// before anybody was to get them, nor of what came from WAHA's feed.
func (p *Pipeline) headersOf(d *inbox.Delivery) map[string]string {
	if d.Headers == "" {
		return nil
	}
	var h map[string]string
	if err := json.Unmarshal([]byte(d.Headers), &h); err != nil {
		p.cfg.Log.Warn("headers in the inbox cannot be read: the event is sent on without", "event_id", label.Key(d.Key).ID(), "err", err)
		return nil
	}
	return h
}

// relayed wakes whoever sends, when a batch that is durable now has something to
// be sent.
func (p *Pipeline) relayed(in []store.Input) {
	if p.cfg.Relay == nil || p.cfg.Relay.Wake == nil {
		return
	}
	for i := range in {
		if in[i].Outbound != nil {
			p.cfg.Relay.Wake()
			return
		}
	}
}

// alone records a refused input without what is sent on of it, and that without
// the rest: whichever the database refuses, the other is not lost for it.
func (p *Pipeline) alone(ctx context.Context, at []int, in store.Input, sum *store.Recorded, refused map[int]error, why error) error {
	out := in.Outbound
	if in.Session == "" {
		p.cfg.Log.ErrorContext(ctx, "event is not sent on: the outbox refuses it", "event_id", out.ID, "err", why)
		return nil
	}
	in.Outbound = nil
	if err := p.halve(ctx, at, []store.Input{in}, sum, refused); err != nil {
		return err
	}
	return p.halve(ctx, at, []store.Input{{Outbound: out}}, sum, refused)
}
