package report

import (
	"context"
	"fmt"
	"slices"

	"tandai/internal/store"
)

// OutboxStore is what the report of deliveries reads. store.OutboxReader has it.
type OutboxStore interface {
	OutboxCounts(ctx context.Context) ([]store.DestinationCount, error)
}

// Outbox is what leaves for other systems, or waits to.
type Outbox struct {
	Destinations []Destination // configured ones, and those that have something left, by name
}

// Destination is one that events are relayed to.
type Destination struct {
	store.DestinationCount
	Configured bool
}

// readOutbox leaves out destinations that are not configured and have nothing.
func (r *Reports) readOutbox(ctx context.Context) (Outbox, error) {
	counts, err := r.cfg.Wings.Outbox.OutboxCounts(ctx)
	if err != nil {
		return Outbox{}, fmt.Errorf("outbox: %w", err)
	}
	var o Outbox
	for _, c := range counts {
		d := Destination{DestinationCount: c, Configured: slices.Contains(r.cfg.Wings.Destinations, c.Name)}
		if d.Configured || c.Waiting > 0 || c.Dead > 0 {
			o.Destinations = append(o.Destinations, d)
		}
	}
	return o, nil
}
