package pipeline

import (
	"slices"

	"tandai/internal/inbox"
	"tandai/internal/store"
)

// Observed is one recorded batch, for those who act on what happens: the radar
// counts arrivals, reconciliation looks at sessions that came back.
type Observed struct {
	Arrivals []Arrival     // every delivery of the batch, in no order that means anything
	Inputs   []store.Input // what of them was recorded
	Done     store.Recorded
}

// Arrival is one delivery and what became of it.
type Arrival struct {
	Session    string // "" where the body could not be read that far
	Event      string
	At         int64 // the envelope's timestamp, Unix ms; 0 where there was none
	ReceivedAt int64 // Unix ms
	State      inbox.State
	Reason     string
}

// observe tells of a batch whose recording is durable. After a crash a batch may
// be told of twice; what a heal or a replay runs again is not told of.
func (p *Pipeline) observe(b *batch) {
	if p.cfg.Observe == nil {
		return
	}
	_, in := b.inputs()
	in = slices.DeleteFunc(in, store.Input.OnlyOutbound)
	o := Observed{Arrivals: make([]Arrival, len(b.items)), Inputs: in, Done: b.done}
	for i := range b.items {
		it := &b.items[i]
		d := &it.delivery
		o.Arrivals[i] = Arrival{
			Session: d.SessionName(), Event: d.Event, At: d.At, ReceivedAt: d.ReceivedAt, State: it.state, Reason: it.reason,
		}
	}
	p.cfg.Observe(o)
}
