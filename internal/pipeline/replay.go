package pipeline

import (
	"context"
	"fmt"

	"tandai/internal/inbox"
	"tandai/internal/waha"
)

// Replayed counts what a replay did.
type Replayed struct {
	Bodies      int            `json:"bodies"`
	Recorded    int            `json:"recorded"`
	Skipped     map[string]int `json:"skipped"`
	Quarantined int            `json:"quarantined"`
	Unread      int            `json:"unread"` // kept without their event: nothing to run
}

// Replay runs bodies of the inbox again, whatever became of them before. It is
// idempotent, may be cut off at any time, and runs beside serve. progress may be
// nil; it is called after each batch.
func (p *Pipeline) Replay(ctx context.Context, f inbox.Filter, progress func(Replayed)) (Replayed, error) {
	done := Replayed{Skipped: map[string]int{}}
	// What goes on arriving is not run after. Numbers say what that is: a clock
	// may have been set back since.
	stats, err := p.cfg.Inbox.Stats(ctx)
	if err != nil {
		return done, fmt.Errorf("read inbox: %w", err)
	}
	defer func() { p.ensureViews(ctx) }() // Run may not be running
	for after := int64(0); ; {
		page, next, err := p.cfg.Inbox.Range(ctx, f, after, p.cfg.Batch)
		if err != nil {
			return done, fmt.Errorf("read inbox: %w", err)
		}
		for len(page) > 0 && page[len(page)-1].Seq > stats.Received {
			page = page[:len(page)-1]
		}
		if len(page) == 0 {
			return done, nil
		}
		after = next
		if err := p.replay(ctx, page, &done); err != nil {
			return done, fmt.Errorf("replay: %w", err)
		}
		if progress != nil {
			progress(done)
		}
	}
}

func (p *Pipeline) replay(ctx context.Context, page []inbox.Delivery, done *Replayed) error {
	var readable []inbox.Delivery
	for _, d := range page {
		if !unread(d) {
			readable = append(readable, d)
		}
	}
	b := p.decode(readable)
	if len(b.items) > 0 {
		if err := p.process(ctx, b, patience); err != nil {
			return err
		}
	}
	done.Bodies += len(page)
	done.Unread += len(page) - len(readable)
	for _, it := range b.items {
		switch it.state {
		case inbox.Skipped:
			done.Skipped[it.reason]++
		case inbox.Quarantined:
			done.Quarantined++
		default:
			done.Recorded++
		}
	}
	return nil
}

// unread tells a delivery of which only head, length and hash were kept. The
// reason it was given at the door is better than any that could be found now.
func unread(d inbox.Delivery) bool {
	return d.Event == "" || d.State == inbox.Quarantined && waha.Keep(d.Body).Problem != ""
}
