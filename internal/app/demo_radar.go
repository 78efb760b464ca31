package app

import (
	"context"
	"sync"
	"time"

	"tandai/internal/pipeline"
	"tandai/internal/store"
)

// demoActivity gathers when each number of the history was heard, so that the
// radar has something to learn from: it goes by when Tandai heard, and a demo has
// heard ninety days in two seconds.
type demoActivity struct {
	mu    sync.Mutex
	hours map[demoHour]*store.Activity
}

type demoHour struct {
	session string
	hour    int64
}

func (a *demoActivity) observe(o pipeline.Observed) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, arrival := range o.Arrivals {
		if arrival.Event == "session.status" || arrival.At <= 0 {
			continue
		}
		at := time.UnixMilli(arrival.At).UTC()
		k := demoHour{arrival.Session, at.Unix() / 3600}
		if a.hours[k] == nil {
			a.hours[k] = &store.Activity{Session: k.session, Hour: k.hour}
		}
		a.hours[k].Events++
		a.hours[k].Minutes |= 1 << at.Minute()
	}
}

// save writes it, and that somebody listened all the time since the first of it.
func (a *demoActivity) save(ctx context.Context, db store.RadarStore, now time.Time) error {
	const everyMinute = 1<<60 - 1
	var counts []store.Activity
	first := now.Unix() / 3600
	for _, c := range a.hours {
		counts = append(counts, *c)
		first = min(first, c.Hour)
	}
	var heard []store.HeardHour
	for hour := first; hour < now.Unix()/3600; hour++ {
		heard = append(heard, store.HeardHour{Hour: hour, Minutes: everyMinute})
	}
	return db.AddActivity(ctx, counts, heard)
}
