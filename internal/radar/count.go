package radar

import (
	"context"
	"regexp"
	"sync"

	"tandai/internal/pipeline"
	"tandai/internal/store"
)

// counter gathers what arrives between two flushes. What it holds when the process is
// killed is lost: some seconds of counts, no event.
type counter struct {
	mu    sync.Mutex
	rows  map[activityKey]*store.Activity
	heard Hours
}

type activityKey struct {
	session string
	hour    int64
}

func newCounter() *counter { return &counter{rows: map[activityKey]*store.Activity{}, heard: Hours{}} }

// sessionForm is what the database takes as a session; what is in quarantine may have
// said anything.
var sessionForm = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,120}$`)

// observe counts every delivery, skipped ones too: also a group's message shows that
// the number hears. session.status does not: it is WAHA talking of itself.
func (c *counter) observe(arrivals []pipeline.Arrival) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, a := range arrivals {
		if a.Event == "session.status" || a.ReceivedAt <= 0 || !sessionForm.MatchString(a.Session) {
			continue
		}
		c.add(store.Activity{Session: a.Session, Hour: a.ReceivedAt / hourMs, Events: 1, Minutes: 1 << (a.ReceivedAt % hourMs / minuteMs)})
	}
}

func (c *counter) add(a store.Activity) {
	k := activityKey{a.Session, a.Hour}
	if row := c.rows[k]; row != nil {
		row.Events += a.Events
		row.Minutes |= a.Minutes
		return
	}
	c.rows[k] = &a
}

// listened notes the whole minutes of [from, to) as heard.
func (c *counter) listened(from, to int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.heard.MarkRange(from, to)
}

// flush writes what was gathered, and keeps it where that fails.
func (c *counter) flush(ctx context.Context, s Store) error {
	c.mu.Lock()
	rows, heard := c.rows, c.heard
	c.rows, c.heard = map[activityKey]*store.Activity{}, Hours{}
	c.mu.Unlock()
	if len(rows) == 0 && len(heard) == 0 {
		return nil
	}
	var counts []store.Activity
	for _, r := range rows {
		counts = append(counts, *r)
	}
	var hours []store.HeardHour
	for h, bits := range heard {
		hours = append(hours, store.HeardHour{Hour: h, Minutes: bits})
	}
	err := s.AddActivity(ctx, counts, hours)
	if err == nil {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range counts {
		c.add(r)
	}
	for _, h := range hours {
		c.heard[h.Hour] |= h.Minutes
	}
	return err
}
