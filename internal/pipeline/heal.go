package pipeline

import (
	"context"
	"fmt"
	"time"

	"tandai/internal/inbox"
	"tandai/internal/label"
	"tandai/internal/waha"
)

// healWindow: a database may lose its last second in a crash, and a cluster more
// in a failover. What was recorded in the last hour before that is looked at
// again.
const healWindow = time.Hour

// healer looks after a start and after every return of the database whether it
// still has what it took, beside the work that goes on.
func (p *Pipeline) healer(ctx context.Context) error {
	for {
		p.healUntilDone(ctx)
		select {
		case <-ctx.Done():
			return nil
		case <-p.health.back:
		}
	}
}

func (p *Pipeline) healUntilDone(ctx context.Context) {
	wait := p.cfg.Wait
	for attempt := 1; ctx.Err() == nil; attempt++ {
		doubts := p.doubt.raised.Load()
		checked, again, err := p.heal(ctx, attempt)
		if again > 0 {
			p.cfg.Log.WarnContext(ctx, "database had lost events it had taken; they are recorded again", "checked", checked, "lost", again)
		}
		if err == nil && p.doubt.raised.Load() == doubts {
			err = p.cfg.Inbox.Trust(ctx)
		}
		if err == nil || ctx.Err() != nil {
			return
		}
		p.cfg.Log.ErrorContext(ctx, "database could not be checked for events it had taken, will try again", "attempt", attempt, "wait", wait, "err", err)
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		wait = min(2*wait, p.cfg.MaxWait)
	}
}

// Heal checks bodies that were recorded within the last hour, or since there is a
// doubt, against the database, and runs again those that are missing there.
// Messages leave no row with their id: they are simply run again, which changes
// nothing where their trace is there.
func (p *Pipeline) Heal(ctx context.Context) (checked, again int, err error) {
	return p.heal(ctx, patience)
}

func (p *Pipeline) heal(ctx context.Context, attempt int) (checked, again int, err error) {
	// What was recorded again is dated anew, so that it is looked at again after
	// the next crash; but only when all is done. The hour is counted from the
	// newest recording: after a crash half way through, it would leave out what
	// has not been checked yet.
	var redone []inbox.Outcome
	if err := p.noteDoubt(ctx); err != nil {
		return 0, 0, err
	}
	for page, err := range p.cfg.Inbox.RecordedWithin(ctx, healWindow, p.cfg.Batch) {
		if err != nil {
			return checked, again, err
		}
		lost, missing, err := p.lost(ctx, page)
		if err != nil {
			return checked, again, err
		}
		checked += len(page)
		if len(lost) == 0 {
			continue
		}
		b := p.decode(lost)
		if err := p.redo(ctx, &b, attempt); err != nil {
			return checked, again, fmt.Errorf("record again: %w", err)
		}
		again += missing
		p.cfg.Metrics.healed.Add(float64(missing))
		for _, o := range b.outcomes() {
			if o.State == inbox.Done || o.Stored {
				redone = append(redone, o)
			}
		}
	}
	return checked, again, p.settle(ctx, redone)
}

// lost picks the deliveries that are to be run again, and counts those of them
// that are known to be missing.
func (p *Pipeline) lost(ctx context.Context, page []inbox.Delivery) (lost []inbox.Delivery, missing int, err error) {
	var ids []string
	byID := map[string]inbox.Delivery{}
	for _, d := range page {
		if d.State != inbox.Done {
			lost = append(lost, d) // what is stored of it is not a row with its id
			continue
		}
		switch d.Event {
		case waha.EventLabelChatAdded, waha.EventLabelChatDeleted, waha.EventLabelUpsert, waha.EventLabelDeleted:
			id := label.Key(d.Key).ID()
			ids = append(ids, id)
			byID[id] = d
		default:
			lost = append(lost, d)
		}
	}
	gone, err := p.cfg.Store.Missing(ctx, ids)
	for _, id := range gone {
		lost = append(lost, byID[id])
	}
	return lost, len(gone), err
}

// redo records a batch again, and settles at once what is no longer recorded:
// the configuration or the database may have changed.
func (p *Pipeline) redo(ctx context.Context, b *batch, attempt int) error {
	ctx, cancel := p.bounded(ctx)
	defer cancel()
	if err := p.write(ctx, b, attempt); err != nil {
		return err
	}
	var other []inbox.Outcome
	for _, o := range b.outcomes() {
		if o.State != inbox.Done && !o.Stored {
			other = append(other, o)
		}
	}
	return p.settle(ctx, other)
}

func (p *Pipeline) settle(ctx context.Context, outcomes []inbox.Outcome) error {
	if len(outcomes) == 0 {
		return nil
	}
	if err := p.noteDoubt(ctx); err != nil {
		return err
	}
	return p.cfg.Inbox.Settle(ctx, outcomes)
}
