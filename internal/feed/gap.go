package feed

import (
	"context"
	"sync"
	"time"
)

// gaps tells of gaps: those of the connection at once, as connections have pauses
// between them; frames that are refused one after the other together, a little
// later.
type gaps struct {
	call  func(reason string)
	count func(reason string)
	every time.Duration

	mu      sync.Mutex
	last    time.Time
	waiting string
}

func (g *gaps) happened(reason string) {
	g.count(reason)
	g.mu.Lock()
	if reason == GapFrame && time.Since(g.last) < g.every {
		g.waiting = reason
		g.mu.Unlock()
		return
	}
	g.last = time.Now()
	g.mu.Unlock()
	g.tell(reason)
}

func (g *gaps) tell(reason string) {
	if g.call != nil {
		g.call(reason)
	}
}

// run tells of those that were put off.
func (g *gaps) run(ctx context.Context) {
	tick := time.NewTicker(max(g.every/10, time.Millisecond))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		g.mu.Lock()
		reason := ""
		if g.waiting != "" && time.Since(g.last) >= g.every {
			reason, g.waiting, g.last = g.waiting, "", time.Now()
		}
		g.mu.Unlock()
		if reason != "" {
			g.tell(reason)
		}
	}
}
