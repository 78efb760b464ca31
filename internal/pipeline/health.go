package pipeline

import (
	"context"
	"sync"
	"time"
)

// Database is what the pipeline last saw of the database.
type Database struct {
	Up    bool
	Since time.Time // when it came up or went away
	Err   error     // why it is away
}

type health struct {
	mu    sync.Mutex
	state Database
	back  chan struct{} // a token when the database came back
}

// set notes the state and reports whether it changed.
func (h *health) set(up bool, now time.Time, err error) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.back == nil {
		h.back = make(chan struct{}, 1)
	}
	changed := h.state.Up != up && !h.state.Since.IsZero()
	if h.state.Up != up || h.state.Since.IsZero() {
		h.state.Since = now
	}
	h.state.Up, h.state.Err = up, err
	if changed && up {
		h.wakeHealer()
	}
	return changed
}

// wake lets the healer look again.
func (h *health) wake() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.wakeHealer()
}

func (h *health) wakeHealer() {
	select {
	case h.back <- struct{}{}:
	default:
	}
}

// Database tells what the pipeline last saw of the database.
func (p *Pipeline) Database() Database {
	p.health.mu.Lock()
	defer p.health.mu.Unlock()
	return p.health.state
}

// DatabaseAway lets the start-up tell that the database cannot be used, before
// the first batch finds out.
func (p *Pipeline) DatabaseAway(err error) {
	p.health.set(false, p.cfg.Now(), err)
	p.cfg.Metrics.up.Set(0)
}

// DatabaseAnswers is its opposite.
func (p *Pipeline) DatabaseAnswers() {
	p.health.set(true, p.cfg.Now(), nil)
	p.cfg.Metrics.up.Set(1)
}

// Saw notes what somebody else's question to the database came to: nil when it
// answered. An answer does not outweigh a batch that could not be written: a
// database may answer and take nothing. The batch is tried again soon enough.
func (p *Pipeline) Saw(ctx context.Context, err error) {
	if err == nil && p.batchStuck.Load() {
		return
	}
	_ = p.judge(ctx, err) // noted; whoever asked has the error
}
