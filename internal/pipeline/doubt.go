package pipeline

import (
	"context"
	"sync/atomic"
)

// doubt is whether the database still has what it took: after a start, after it
// was away, after another server answers in its name. From when on that is to be
// looked at is noted in the inbox before anything more is settled there, since
// what is settled moves the hour that a heal looks at.
type doubt struct {
	raised atomic.Int64 // how often there was one
	noted  atomic.Int64 // which of them the inbox knows of
}

func (p *Pipeline) noteDoubt(ctx context.Context) error {
	n := p.doubt.raised.Load()
	if p.doubt.noted.Load() == n {
		return nil
	}
	if err := p.cfg.Inbox.Doubt(ctx, healWindow); err != nil {
		return err
	}
	p.doubt.noted.Store(n)
	return nil
}

// Recheck looks again whether the database has what it took: the server that
// answers is another, or the same and started anew.
func (p *Pipeline) Recheck() {
	p.doubt.raised.Add(1)
	p.health.wake()
}
