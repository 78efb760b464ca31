package pipeline

import (
	"context"
	"fmt"

	"tandai/internal/inbox"
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
	var after int64
	for {
		page, next, err := p.cfg.Inbox.Range(ctx, f, after, p.cfg.Batch)
		if err != nil {
			return done, fmt.Errorf("read inbox: %w", err)
		}
		if len(page) == 0 && next == after {
			return done, nil
		}
		after = next
		readable := page[:0:0]
		for _, d := range page {
			if d.Event == "" {
				done.Unread++
				continue
			}
			readable = append(readable, d)
		}
		b := p.decode(readable)
		if len(b.items) > 0 {
			if err := p.process(ctx, b, patience); err != nil {
				return done, fmt.Errorf("replay: %w", err)
			}
		}
		done.Bodies += len(page)
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
		if progress != nil {
			progress(done)
		}
		if len(page) == 0 {
			return done, nil
		}
	}
}
