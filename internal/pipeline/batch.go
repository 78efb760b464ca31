package pipeline

import (
	"context"
	"maps"

	"tandai/internal/inbox"
	"tandai/internal/lead"
	"tandai/internal/store"
)

// batch is some deliveries on their way through.
type batch struct {
	items []item
	done  store.Recorded // what recording it changed
}

// item is one delivery: what it adds, or why it adds nothing.
type item struct {
	delivery inbox.Delivery
	input    *store.Input // nil when quarantined, and when skipped for anything but a known pair
	state    inbox.State
	reason   string
	outbound *store.Outbound // what of it is sent on, whatever its state
}

func (i *item) skip(reason string) { i.input, i.state, i.reason = nil, inbox.Skipped, reason }

func (i *item) quarantine(reason string) { i.input, i.state, i.reason = nil, inbox.Quarantined, reason }

func (b batch) seqs() []int64 {
	seqs := make([]int64, len(b.items))
	for i := range b.items {
		seqs[i] = b.items[i].delivery.Seq
	}
	return seqs
}

func (b batch) outcomes() []inbox.Outcome {
	all := make([]inbox.Outcome, len(b.items))
	for i := range b.items {
		it := &b.items[i]
		all[i] = inbox.Outcome{Seq: it.delivery.Seq, State: it.state, Reason: it.reason, Stored: it.input != nil || it.outbound != nil}
	}
	return all
}

// inputs are the items that add something, and what they add.
func (b batch) inputs() (at []int, in []store.Input) {
	for i := range b.items {
		it := &b.items[i]
		if it.input == nil && it.outbound == nil {
			continue
		}
		var one store.Input
		if it.input != nil {
			one = *it.input
		}
		one.Outbound = it.outbound
		at = append(at, i)
		in = append(in, one)
	}
	return at, in
}

func (p *Pipeline) decode(claimed []inbox.Delivery) batch {
	b := batch{items: make([]item, len(claimed))}
	for i, d := range claimed {
		b.items[i] = p.readItem(d)
		b.items[i].outbound = p.outboundOf(&d)
	}
	return b
}

// filterIgnored skips what concerns people on their client's ignore list, by
// phone, or by a hidden id whose phone is known to the database or to this batch.
// Somebody whose phone becomes known only later has been recorded by then. Of a
// skipped message the pair of ids stays, since it is what tells that the same
// person's hidden id is to be skipped too.
func (p *Pipeline) filterIgnored(ctx context.Context, b *batch) error {
	phones, err := p.phonesOf(ctx, b)
	if err != nil {
		return err
	}
	for i := range b.items {
		it := &b.items[i]
		l := it.lead()
		if l == "" {
			continue
		}
		if phone, ok := phones[it.input.Session][l]; ok {
			l = phone
		}
		in := it.input
		if in.Pair != nil {
			l = in.Pair.Phone
		}
		if !p.cfg.Ignored(in.Session, l) {
			continue
		}
		it.skip(SkipIgnored)
		if in.Pair != nil {
			it.input = &store.Input{Session: in.Session, At: in.At, Pair: in.Pair}
		}
	}
	return nil
}

// phonesOf gives the phones behind the batch's hidden ids by session, where the
// session's client ignores anybody.
func (p *Pipeline) phonesOf(ctx context.Context, b *batch) (map[string]map[string]string, error) {
	hidden := map[string][]string{}
	paired := map[string]map[string]string{}
	for i := range b.items {
		in := b.items[i].input
		if in == nil || !p.cfg.HasIgnored(in.Session) {
			continue
		}
		if l := b.items[i].lead(); lead.IsHidden(l) {
			hidden[in.Session] = append(hidden[in.Session], l)
		}
		if in.Pair != nil {
			if paired[in.Session] == nil {
				paired[in.Session] = map[string]string{}
			}
			paired[in.Session][in.Pair.Hidden] = in.Pair.Phone
		}
	}
	for session, ids := range hidden {
		known, err := p.cfg.Store.Phones(ctx, session, ids)
		if err != nil {
			return nil, err
		}
		if paired[session] == nil {
			paired[session] = known
			continue
		}
		maps.Copy(paired[session], known)
	}
	return paired, nil
}

// lead is the person an item is about, "" when it is about nobody.
func (i *item) lead() string {
	switch {
	case i.input == nil:
	case i.input.Event != nil:
		return lead.OfChat(i.input.Event.ChatID)
	case i.input.Contact != nil:
		return lead.OfChat(i.input.Contact.ChatID)
	}
	return ""
}
