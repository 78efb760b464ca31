package inbox

import (
	"context"
	"slices"
	"sync"
)

// claims is what this process's consumer has been handed and not settled. It
// is kept in memory alone: after a restart what waits is claimed again.
type claims struct {
	mu       sync.Mutex
	fresh    int64              // what waits up to here has had its turn: it was handed out, or has been requeued since
	out      map[int64]struct{} // handed out, neither settled nor released
	released map[int64]struct{} // given back
}

func (c *claims) settled(outcomes []Outcome) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, o := range outcomes {
		delete(c.out, o.Seq)
		delete(c.released, o.Seq)
	}
}

const (
	// selectAgain lists what was requeued after its turn had passed, oldest first.
	selectAgain = `SELECT seq FROM settled INDEXED BY settled_again WHERE state = 0 AND seq <= ? ORDER BY seq LIMIT ?`

	selectWaitingOne = columns + wholeBody + fromBodies + `WHERE b.seq = ? AND coalesce(s.state, 0) = 0`

	selectFresh = columns + wholeBody + fromBodies + `WHERE b.seq > ? AND coalesce(s.state, 0) = 0 ORDER BY b.seq LIMIT ?`
)

// Claim hands out up to limit waiting bodies, oldest first, and fewer where they
// are large: call again until it gives none, then wait for Ready. A body is not
// handed out again by this process before it has been settled or released.
// Claim is made for one consumer per process.
func (b *Inbox) Claim(ctx context.Context, limit int) ([]Delivery, error) {
	c := &b.claims
	c.mu.Lock()
	defer c.mu.Unlock()
	db := b.reader()
	from := max(c.fresh, b.low.Load())
	again, err := c.again(ctx, db, from, limit)
	if err != nil {
		return nil, classify("claim", err)
	}
	p := page{limit: limit}
	var looked []int64 // no longer released: handed out, or no longer waiting
	for _, seq := range again {
		if p.full() {
			break
		}
		if err := p.collect(ctx, db, nil, selectWaitingOne, seq); err != nil {
			return nil, classify("claim", err)
		}
		looked = append(looked, seq)
	}
	handed := len(p.rows)
	if !p.full() {
		if err := p.collect(ctx, db, nil, selectFresh, from, limit-handed); err != nil {
			return nil, classify("claim", err)
		}
	}
	for _, seq := range looked {
		delete(c.released, seq)
	}
	for i := range p.rows {
		c.out[p.rows[i].Seq] = struct{}{}
	}
	if len(p.rows) > handed {
		c.fresh = p.rows[len(p.rows)-1].Seq
	}
	return p.rows, nil
}

// again lists what waits although its turn has passed, oldest first: what was
// released here and what was requeued by anyone.
func (c *claims) again(ctx context.Context, q querier, upTo int64, limit int) ([]int64, error) {
	var seqs []int64
	for seq := range c.released {
		seqs = append(seqs, seq)
	}
	requeued, err := numbers(ctx, q, selectAgain, upTo, limit+len(c.out)+len(c.released))
	for _, seq := range requeued {
		_, out := c.out[seq]
		_, released := c.released[seq]
		if !out && !released {
			seqs = append(seqs, seq)
		}
	}
	slices.Sort(seqs)
	return seqs, err
}

// Release gives claimed bodies back unsettled: Claim hands them out again.
func (b *Inbox) Release(seqs ...int64) {
	c := &b.claims
	c.mu.Lock()
	for _, seq := range seqs {
		if _, ok := c.out[seq]; ok {
			delete(c.out, seq)
			c.released[seq] = struct{}{}
		}
	}
	c.mu.Unlock()
	b.signal()
}

// Ready receives when something may be waiting that was not before: put,
// requeued or released through this Inbox, or there when it was opened. What
// another process puts or requeues is not told: call Claim every few seconds
// too.
func (b *Inbox) Ready() <-chan struct{} { return b.ready }

func (b *Inbox) signal() {
	select {
	case b.ready <- struct{}{}:
	default:
	}
}

func (c *claims) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fresh = 0
	clear(c.out)
	clear(c.released)
}
