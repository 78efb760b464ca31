package reconcile

import (
	"context"
	"slices"
	"sync"
	"time"

	"tandai/internal/store"
)

// Outcome is what reading one session twice came to.
type Outcome struct {
	Session     string        `json:"session"`
	Engine      string        `json:"engine"`
	Status      string        `json:"status"`
	Reads       int           `json:"reads"`
	Labels      int           `json:"labels"`
	Chats       int           `json:"chats"`
	Differences int           `json:"differences"`
	Repaired    int           `json:"repaired"`
	Open        []OpenOne     `json:"open"`
	Repairs     []store.Noted `json:"-"`
	Skipped     string        `json:"skipped,omitempty"` // why it was not read, where that is no failure
	Error       string        `json:"error,omitempty"`   // why it was not read, or not to its end
	Hidden      string        `json:"hidden,omitempty"`  // why phones of its rows could not be looked up
	Err         error         `json:"-"`
}

// sessionsAtOnce is how many sessions are read at once.
const sessionsAtOnce = 4

// Twice reads each session, and where something differed, again confirmAfter
// later: both reads of a reconciliation in one run. Where something changed while
// it was read, there is another pair. between is told when a session
// waits; it may be nil. Nothing is locked while it waits.
func (r *Reader) Twice(ctx context.Context, targets []Target, reason string, between func(t Target, differences int)) []Outcome {
	all := make([]Outcome, len(targets))
	places := make(chan struct{}, sessionsAtOnce)
	var g sync.WaitGroup
	for i, t := range targets {
		g.Go(func() { all[i] = r.twice(ctx, t, reason, places, between) })
	}
	g.Wait()
	return all
}

func (r *Reader) twice(ctx context.Context, t Target, reason string, places chan struct{}, between func(Target, int)) Outcome {
	o := Outcome{Session: t.Name, Engine: t.Engine, Status: t.Status, Open: []OpenOne{}}
	read := func() bool {
		places <- struct{}{}
		defer func() { <-places }()
		res, err := r.Read(ctx, t, reason)
		o.Reads++
		o.Labels, o.Chats = max(o.Labels, res.Labels), max(o.Chats, res.Chats)
		if err != nil {
			o.Err, o.Error = err, err.Error()
			return false
		}
		o.Differences = max(o.Differences, o.Repaired+res.Differences)
		o.Repaired += res.Repaired
		o.Repairs = append(o.Repairs, res.Repairs...)
		o.Open = append([]OpenOne{}, res.Open...)
		return true
	}
	if !read() {
		return o
	}
	// What changed under the first pair of reads is first seen for certain by its
	// second, and wants another pair.
	for most := 2; ; {
		if has(o.Open, Changed) {
			most = 4
		}
		if len(o.Open) == 0 || o.Reads >= most || o.Reads >= 2 && !has(o.Open, Changed) && !has(o.Open, SeenOnce) {
			return o
		}
		if between != nil {
			between(t, len(o.Open))
		}
		const margin = 20 * time.Millisecond // clocks are not exact to the millisecond
		select {
		case <-ctx.Done():
			o.Err, o.Error = ctx.Err(), ctx.Err().Error()
			return o
		case <-time.After(r.cfg.ConfirmAfter + margin):
		}
		if !read() {
			return o
		}
	}
}

func has(open []OpenOne, why Open) bool {
	return slices.ContainsFunc(open, func(o OpenOne) bool { return o.Why == why })
}
