package pipeline

import (
	"context"

	"tandai/internal/inbox"
	"tandai/internal/lead"
	"tandai/internal/store"
)

// batch is some deliveries on their way through.
type batch struct{ items []item }

// item is one delivery: what it adds, or why it adds nothing.
type item struct {
	delivery inbox.Delivery
	input    *store.Input // nil when skipped or quarantined
	state    inbox.State
	reason   string
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
		all[i] = inbox.Outcome{Seq: it.delivery.Seq, State: it.state, Reason: it.reason}
	}
	return all
}

// inputs are the items that add something, and what they add.
func (b batch) inputs() (at []int, in []store.Input) {
	for i := range b.items {
		if b.items[i].input != nil {
			at = append(at, i)
			in = append(in, *b.items[i].input)
		}
	}
	return at, in
}

func (p *Pipeline) decode(claimed []inbox.Delivery) batch {
	b := batch{items: make([]item, len(claimed))}
	for i, d := range claimed {
		b.items[i] = p.readItem(d)
	}
	return b
}

// filterIgnored skips what concerns people on their client's ignore list, by
// phone, or by a hidden id whose phone is known. Somebody whose phone becomes
// known only later has been recorded by then.
func (p *Pipeline) filterIgnored(ctx context.Context, b *batch) error {
	hidden := map[string][]string{}
	for i := range b.items {
		if l := b.items[i].lead(); lead.IsHidden(l) && p.cfg.HasIgnored(b.items[i].input.Session) {
			hidden[b.items[i].input.Session] = append(hidden[b.items[i].input.Session], l)
		}
	}
	phones := map[string]map[string]string{}
	for session, ids := range hidden {
		known, err := p.cfg.Store.Phones(ctx, session, ids)
		if err != nil {
			return err
		}
		phones[session] = known
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
		if pair := it.input.Pair; pair != nil {
			l = pair.Phone
		}
		if p.cfg.Ignored(it.input.Session, l) {
			it.skip(SkipIgnored)
		}
	}
	return nil
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
