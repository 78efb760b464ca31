package chaos

import (
	"context"
	"testing"
	"time"
)

// route says to which doors a delivery goes.
type route func(said) []*door

// to sends everything to one door.
func to(d *door) route { return func(said) []*door { return []*door{d} } }

// load feeds the courier with a story until stop is called, at about rate
// deliveries a second and in bursts. Neighbours change places; one in fifty is
// late by thousands; one in twenty comes twice at once; and of those whose first
// attempt fails, one in five is never tried again.
func (c *courier) load(t testing.TB, s *story, rate int, by route) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	c.feed.Go(func() { c.run(ctx, s, rate, by) })
	return func() {
		cancel()
		c.feed.Wait()
	}
}

func (c *courier) run(ctx context.Context, s *story, rate int, by route) {
	const tick = 10 * time.Millisecond
	var late []*parcel
	due := 0.0
	for last := time.Now(); ctx.Err() == nil; {
		time.Sleep(tick)
		now := time.Now()
		due = min(due+now.Sub(last).Seconds()*float64(rate), float64(rate)) // a courier that was held up does not make up for all of it
		last = now
		if c.rng.IntN(4) != 0 {
			continue // wait for a burst
		}
		var burst []*parcel
		for ; due >= 1; due-- {
			d := s.next()
			for _, door := range by(d) {
				p := &parcel{said: d, door: door, forget: c.rng.IntN(5) == 0}
				if c.rng.IntN(50) == 0 {
					late = append(late, p)
					continue
				}
				burst = append(burst, p)
				if c.rng.IntN(20) == 0 {
					burst = append(burst, &parcel{said: d, door: door, forget: true})
				}
			}
		}
		for len(late) > 0 && c.rng.IntN(10) == 0 {
			burst, late = append(burst, late[0]), late[1:]
		}
		c.send(burst)
	}
	for _, p := range late {
		p.forget = false
	}
	c.send(late)
}

func (c *courier) send(burst []*parcel) {
	c.rng.Shuffle(len(burst), func(i, j int) { burst[i], burst[j] = burst[j], burst[i] })
	for _, p := range burst {
		c.add(p)
	}
}

// finish ends the load and waits until every parcel is acknowledged or
// forgotten. Doors must lead somewhere by then.
func (c *courier) finish(t testing.TB, stop func()) {
	t.Helper()
	stop()
	close(c.queue)
	done := make(chan struct{})
	go func() { c.work.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(patience):
		open := 0
		var first string
		for _, p := range c.sent() {
			if !p.acked.Load() && !p.forget {
				if open++; open == 1 {
					first = p.last
				}
			}
		}
		t.Fatalf("%d deliveries are not acknowledged after %v; the last attempt of the first: %s", open, patience, first)
	}
	for _, s := range c.odd {
		t.Error(s)
	}
}
