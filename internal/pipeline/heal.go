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
	for ctx.Err() == nil {
		checked, again, err := p.Heal(ctx)
		if err == nil {
			if again > 0 {
				p.cfg.Log.WarnContext(ctx, "database had lost events it had taken; they are recorded again", "checked", checked, "lost", again)
			}
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		wait = min(2*wait, p.cfg.MaxWait)
	}
}

// Heal checks bodies that were recorded within the last hour against the
// database, and runs again those that are missing there. Messages leave no row
// with their id: they are simply run again, which changes nothing where their
// trace is there.
func (p *Pipeline) Heal(ctx context.Context) (checked, again int, err error) {
	for page, err := range p.cfg.Inbox.RecordedWithin(ctx, healWindow, p.cfg.Batch) {
		if err != nil {
			return checked, again, err
		}
		var ids []string
		byID := map[string]inbox.Delivery{}
		var lost []inbox.Delivery
		for _, d := range page {
			switch d.Event {
			case waha.EventLabelChatAdded, waha.EventLabelChatDeleted, waha.EventLabelUpsert, waha.EventLabelDeleted:
				id := label.Key(d.Key).ID()
				ids = append(ids, id)
				byID[id] = d
			default:
				lost = append(lost, d)
			}
		}
		missing, err := p.cfg.Store.Missing(ctx, ids)
		if err != nil {
			return checked, again, err
		}
		for _, id := range missing {
			lost = append(lost, byID[id])
		}
		checked += len(page)
		again += len(missing)
		p.cfg.Metrics.healed.Add(float64(len(missing)))
		if len(lost) == 0 {
			continue
		}
		if err := p.process(ctx, p.decode(lost), 1); err != nil {
			return checked, again, fmt.Errorf("record again: %w", err)
		}
	}
	return checked, again, nil
}
