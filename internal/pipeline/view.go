package pipeline

import (
	"context"
	"sync/atomic"
	"time"
)

// views makes the views of new sessions, beside the recording: DDL may wait for
// locks, and must not hold up an event.
type views struct {
	due  atomic.Bool   // a session may lack its view
	wake chan struct{} // a token when views are due and the database answers
}

// viewsDue notes that a session may lack its view.
func (p *Pipeline) viewsDue() { p.views.due.Store(true) }

// wakeViewer lets due views be made.
func (p *Pipeline) wakeViewer() {
	if !p.views.due.Load() {
		return
	}
	select {
	case p.views.wake <- struct{}{}:
	default:
	}
}

// viewer makes views when they are due, until ctx ends; the next start makes
// what is due then.
func (p *Pipeline) viewer(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-p.views.wake:
		}
		for wait := p.cfg.Wait; !p.ensureViews(ctx); wait = min(2*wait, p.cfg.MaxWait) {
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(wait):
			}
		}
	}
}

// ensureViews makes the views that are due and reports whether it could.
func (p *Pipeline) ensureViews(ctx context.Context) bool {
	if !p.views.due.Swap(false) {
		return true
	}
	ctx, cancel := p.bounded(ctx)
	defer cancel()
	notes, err := p.cfg.Store.EnsureViews(ctx)
	if err != nil {
		p.views.due.Store(true)
		p.cfg.Log.ErrorContext(ctx, "views of sessions could not be made, will try again", "err", err)
	}
	for _, n := range notes {
		p.cfg.Log.WarnContext(ctx, "view left alone", "session", n.Session, "view", n.View, "note", n.Note)
	}
	return err == nil
}
