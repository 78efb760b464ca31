package report

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"tandai/internal/inbox"
)

// Inbox is what reports read of the inbox. *inbox.Inbox satisfies it.
type Inbox interface {
	Stats(ctx context.Context) (inbox.Stats, error)
	Quarantined(ctx context.Context, limit int) ([]inbox.Delivery, error)
	// Health is why nothing can be accepted durably right now; nil = it can.
	Health(ctx context.Context) error
}

// Minutes is how many minutes Queue.Minutes looks back, the running one
// included.
const Minutes = 60

// HeldShown is how many quarantined deliveries Now shows.
const HeldShown = 50

// Queue is the state of the inbox. Counts are since its beginning unless they
// say otherwise.
type Queue struct {
	Received    int64
	LastAt      int64 // when the newest arrived, Unix ms; 0 = none ever did
	Waiting     int64 // not yet recorded
	OldestAt    int64 // when the one that waits longest arrived, Unix ms; 0 = none waits
	Skipped     []ReasonCount
	Quarantined int64
	// Minutes counts the deliveries of the last hour by the minute they
	// arrived in, oldest first. The last one is still running.
	Minutes [Minutes]Minute
	Space   inbox.Space
}

// Minute is one bucket of an hour.
type Minute struct{ At, Count int64 } // At is its first millisecond, Unix ms

// ReasonCount is how many deliveries were skipped for one reason.
type ReasonCount struct {
	Reason string // a short code, "group"
	Count  int64
}

// Held is one delivery in quarantine.
type Held struct {
	ReceivedAt     int64 // Unix ms
	Session, Event string
	Reason         string // what was wrong, a sentence; may quote what it found
}

// LastHour is how many deliveries arrived within the last hour.
func (q Queue) LastHour() int64 {
	var n int64
	for _, m := range q.Minutes {
		n += m.Count
	}
	return n
}

const minuteMs = 60_000

func (r *Reports) readQueue(ctx context.Context) (Queue, error) {
	now := r.cfg.Now().UnixMilli()
	stats, err := r.cfg.Inbox.Stats(ctx)
	if err != nil {
		return Queue{}, fmt.Errorf("inbox: %w", err)
	}
	q := Queue{
		Received: stats.Received, LastAt: stats.LastReceivedAt, Waiting: stats.Waiting, OldestAt: stats.OldestWaitingAt,
		Quarantined: stats.Quarantined, Space: stats.Space,
	}
	for reason, n := range stats.Skipped {
		q.Skipped = append(q.Skipped, ReasonCount{Reason: reason, Count: n})
	}
	slices.SortFunc(q.Skipped, func(a, b ReasonCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Reason, b.Reason))
	})
	first := now - now%minuteMs - (Minutes-1)*minuteMs
	for i := range q.Minutes {
		q.Minutes[i] = Minute{At: first + int64(i)*minuteMs, Count: stats.Minutes[i]}
	}
	return q, nil
}

func (r *Reports) readHeld(ctx context.Context) ([]Held, error) {
	rows, err := r.cfg.Inbox.Quarantined(ctx, HeldShown)
	if err != nil {
		return nil, fmt.Errorf("inbox: %w", err)
	}
	held := make([]Held, 0, len(rows))
	for _, d := range rows {
		held = append(held, Held{ReceivedAt: d.ReceivedAt, Session: d.SessionName(), Event: d.Event, Reason: d.Reason})
	}
	return held, nil
}

// askHealth asks the inbox whether it can write, which takes a write where
// nothing has been written lately.
func (r *Reports) askHealth(ctx context.Context) (struct{}, error) {
	return struct{}{}, r.cfg.Inbox.Health(ctx)
}
