package report

import (
	"context"
	"time"
)

// System is how Tandai knows what it shows: whether every number is heard, what
// had to be repaired, whom it cannot name, and what leaves it.
type System struct {
	Now
	Feeds  []Feed // as they are at this moment
	Alarms Wing[Alarms]
	Truth  Wing[Truth]
	People Wing[People]
	Outbox Wing[Outbox]
}

// Wing is a part that need not be at work: a setting switches it off, or it lacks
// one. What it left behind is shown all the same.
type Wing[T any] struct {
	Part[T]
	Off bool
}

// Wings are the sources of the system page beside those of Config. What is nil
// or false is switched off.
type Wings struct {
	Outbox       OutboxStore
	Destinations []string // that are configured
	People       PeopleStore
	LooksUp      bool             // WAHA is asked for phones behind hidden ids
	Trouble      func() []Trouble // what is in the way of asking; may be nil
	Alarms       AlarmStore
	Watches      bool             // the radar is on
	Hearing      func() []Hearing // how the radar judges numbers at this moment; may be nil
	Truth        TruthStore
	Compares     bool          // labels are compared with WAHA
	Feeds        func() []Feed // may be nil
}

// wings keeps the parts of the system page.
type wings struct {
	outbox part[Outbox]
	people part[People]
	alarms part[Alarms]
	truth  part[Truth]
}

// System collects how well things are known. Like Now it never fails, and its
// answer must not be changed.
func (r *Reports) System(ctx context.Context) System {
	y := System{Now: r.Now(ctx)}
	w := r.cfg.Wings
	if w.Feeds != nil {
		y.Feeds = w.Feeds()
	}
	wait := func() {
		ctx, cancel := context.WithTimeout(ctx, r.cfg.Patience)
		defer cancel()
		var reads []<-chan struct{}
		if w.Outbox != nil {
			reads = append(reads, refresh(r, &r.wings.outbox, r.readOutbox))
		}
		if w.People != nil {
			reads = append(reads, refresh(r, &r.wings.people, r.readPeople))
		}
		if w.Alarms != nil {
			reads = append(reads, refresh(r, &r.wings.alarms, r.readAlarms))
		}
		if w.Truth != nil {
			reads = append(reads, refresh(r, &r.wings.truth, r.readTruth))
		}
		wait(ctx, reads...)
	}
	if y.Database.State == Up {
		wait()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	y.Outbox = Wing[Outbox]{r.wings.outbox.Part, len(w.Destinations) == 0}
	y.People = Wing[People]{r.wings.people.Part, !w.LooksUp}
	y.Alarms = Wing[Alarms]{r.wings.alarms.Part, !w.Watches}
	y.Truth = Wing[Truth]{r.wings.truth.Part, !w.Compares}
	y.Truth.Value.Repaired = r.changes(y.Truth.Value.rows)
	if err := y.Database.unreadable(); err != nil {
		y.Outbox.Err, y.People.Err, y.Alarms.Err, y.Truth.Err = err, err, err, err
		for _, next := range []*time.Time{&r.wings.outbox.next, &r.wings.people.next, &r.wings.alarms.next, &r.wings.truth.next} {
			*next = time.Time{} // as soon as it is back
		}
	}
	if w.Trouble != nil {
		y.People.Value.Trouble = w.Trouble()
	}
	if w.Hearing != nil {
		y.Alarms.Value.Hearing = w.Hearing()
	}
	return y
}

// Feed is how the events of one WAHA server come here.
type Feed struct {
	Server    string // "" = the first
	Websocket bool   // Tandai reads them; else WAHA sends webhooks
	Connected bool
	Since     int64  // of Connected being what it is, Unix ms; 0 = not yet
	LastAt    int64  // when the newest frame came, Unix ms; 0 = none since the start
	Err       string // why it is not connected
}
