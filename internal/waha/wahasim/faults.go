package wahasim

import (
	"cmp"
	"iter"
	"math/rand/v2"
	"slices"
)

// FaultsConfig says what goes wrong between a phone and its receiver. The zero
// value is a perfect world; shares are between 0 and 1.
type FaultsConfig struct {
	Seed uint64

	// Duplicate is the share of events delivered twice, as when the session's
	// webhook and the global one have the same URL: same envelope, same id.
	Duplicate float64

	// Reorder is the share of events that are late, each by up to Displacement places.
	Reorder      float64
	Displacement int

	// Loss is the share of events never delivered. OnLoss, when set, hears of each.
	Loss   float64
	OnLoss func(Event)

	// Burst is the share of events that take over the millisecond of the one
	// before, where that is no more than BurstMs back.
	Burst   float64
	BurstMs int64
}

// Measured are the faults of a real WAHA 2026.2.1 in a burst of 300 events: four
// in five share their neighbour's millisecond, one in fifteen arrives out of
// order, by 34 places at most. Duplicates are a guess.
func Measured(seed uint64) FaultsConfig {
	return FaultsConfig{Seed: seed, Duplicate: 0.01, Reorder: 1.0 / 15, Displacement: 34, Burst: 0.8, BurstMs: 5}
}

// Faults applies a FaultsConfig. It is for one goroutine.
type Faults struct {
	cfg    FaultsConfig
	events *rand.Rand
	stamps *rand.Rand
	last   int64
}

// NewFaults starts the faults of a seed.
func NewFaults(cfg FaultsConfig) *Faults {
	return &Faults{cfg: cfg, events: newRand(cfg.Seed, streamFaults), stamps: newRand(cfg.Seed, streamStamp)}
}

// Stamp makes neighbouring events share a millisecond: give it to Config.Stamp.
// Times in and out never go back.
func (f *Faults) Stamp(at int64) int64 {
	if at <= f.last {
		return f.last
	}
	if at-f.last <= f.cfg.BurstMs && f.stamps.Float64() < f.cfg.Burst {
		return f.last
	}
	f.last = at
	return at
}

// Apply returns the events as they reach the receiver. Nothing is held back when
// the events end; no event is further than Displacement places (duplicates
// counted) from where it would have been. A second Apply goes on drawing from
// the same seed.
func (f *Faults) Apply(events iter.Seq[Event]) iter.Seq[Event] {
	return func(yield func(Event) bool) {
		n := 0
		var held []late
		push := func(ev Event) bool {
			due := n
			if f.cfg.Displacement > 0 && f.events.Float64() < f.cfg.Reorder {
				due += 1 + f.events.IntN(f.cfg.Displacement)
			}
			held = append(held, late{due, n, ev})
			n++
			for {
				i := earliest(held)
				if i < 0 || held[i].due >= n {
					return true
				}
				ev := held[i].ev
				held = slices.Delete(held, i, i+1)
				if !yield(ev) {
					return false
				}
			}
		}
		for ev := range events {
			if ev.IsZero() {
				continue
			}
			if f.cfg.Loss > 0 && f.events.Float64() < f.cfg.Loss {
				if f.cfg.OnLoss != nil {
					f.cfg.OnLoss(ev)
				}
				continue
			}
			twice := f.cfg.Duplicate > 0 && f.events.Float64() < f.cfg.Duplicate
			if !push(ev) {
				return
			}
			if twice {
				ev.Hook = "global"
				if !push(ev) {
					return
				}
			}
		}
		slices.SortFunc(held, late.compare)
		for _, l := range held {
			if !yield(l.ev) {
				return
			}
		}
	}
}

// late is an event that waits until `due` events have been emitted before it.
type late struct {
	due, n int
	ev     Event
}

func (l late) compare(m late) int { return cmp.Or(cmp.Compare(l.due, m.due), cmp.Compare(l.n, m.n)) }

// earliest is the index of the event to deliver next, -1 for none.
func earliest(held []late) int {
	best := -1
	for i := range held {
		if best < 0 || held[i].compare(held[best]) < 0 {
			best = i
		}
	}
	return best
}
