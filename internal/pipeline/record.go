package pipeline

import (
	"context"
	"errors"

	"tandai/internal/store"
)

// suspicious is how many inputs the database must have refused, and taken none,
// before the fault is looked for in the database and not in the inputs; and
// patience is how often that is tried before they are quarantined all the same.
const (
	suspicious = 8
	patience   = 5
)

// write filters and records a batch, once. What it adds is durable when it
// returns nil; after an error it may be or may not be.
func (p *Pipeline) write(ctx context.Context, b *batch, attempt int) error {
	if err := p.filterIgnored(ctx, b); err != nil {
		return p.judge(ctx, err)
	}
	at, in := b.inputs()
	if len(in) == 0 {
		return nil // nobody was asked: this says nothing of the database
	}
	done, err := p.record(ctx, b, at, in, attempt)
	if p.judge(ctx, err) != nil {
		return err
	}
	b.done = done
	p.cfg.Metrics.recorded(done)
	p.relayed(in)
	p.wakeViewer()
	return nil
}

// record writes a batch. What the database refuses is narrowed down by halves to
// the inputs it refuses for their own sake; those are quarantined, the rest goes
// on. An error means that the batch is to be tried again as a whole.
func (p *Pipeline) record(ctx context.Context, b *batch, at []int, in []store.Input, attempt int) (store.Recorded, error) {
	var sum store.Recorded
	refused := map[int]error{}
	if err := p.halve(ctx, at, in, &sum, refused); err != nil {
		return sum, err
	}
	if len(refused) == len(in) && len(in) >= suspicious && attempt < patience && !ours(refused) {
		for _, err := range refused {
			return sum, err
		}
	}
	for i, err := range refused {
		p.cfg.Log.WarnContext(ctx, "event quarantined: the database refuses it", "seq", b.items[i].delivery.Seq, "err", err)
		b.items[i].quarantine("the database refuses it: " + err.Error())
	}
	return sum, nil
}

func (p *Pipeline) halve(ctx context.Context, at []int, in []store.Input, sum *store.Recorded, refused map[int]error) error {
	done, err := p.cfg.Store.Record(ctx, in)
	if err != nil || len(done.Sessions) > 0 {
		p.viewsDue() // after an error a session may be there, and will not be new again
	}
	switch {
	case err == nil:
		sum.Add(done)
		return nil
	case !errors.Is(err, store.ErrRefused):
		return err
	case len(in) == 1 && in[0].Outbound != nil:
		return p.alone(ctx, at, in[0], sum, refused, err)
	case len(in) == 1:
		refused[at[0]] = err
		return nil
	}
	half := len(in) / 2
	if err := p.halve(ctx, at[:half], in[:half], sum, refused); err != nil {
		return err
	}
	return p.halve(ctx, at[half:], in[half:], sum, refused)
}

// ours reports whether every refusal was Tandai's own check and not the
// database's: then it lies in the data, however many there are.
func ours(refused map[int]error) bool {
	for _, err := range refused {
		var e *store.Error
		if !errors.As(err, &e) || e.Code != "" {
			return false
		}
	}
	return true
}
