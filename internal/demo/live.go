package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"tandai/internal/waha/wahasim"
)

// LiveConfig says how the present is played.
type LiveConfig struct {
	// Send takes each event as it leaves WAHA, duplicates and disorder included:
	// usually a wahasim.Sender's Send. It may block, which slows everything down.
	Send func(context.Context, wahasim.Event)

	Rate   float64               // events per second on average; 2 when 0
	Faults *wahasim.FaultsConfig // nil: those measured on a real WAHA
	Now    func() time.Time      // time.Now when nil
}

// Live goes on where History ended, in the present: the stories continue in
// their order, but at Rate, with each event stamped now. Changes come as they
// do: alone, both marks of a move in one millisecond, and now and then a whole
// burst. It returns nil when ctx ends. What is left of a History that was not
// read to its end is passed over.
func (a *Agency) Live(ctx context.Context, cfg LiveConfig) error {
	if cfg.Send == nil {
		return fmt.Errorf("demo: live: Send is needed")
	}
	if cfg.Rate < 0 {
		return fmt.Errorf("demo: live: a rate of %v events per second", cfg.Rate)
	}
	if cfg.Rate == 0 {
		cfg.Rate = 2
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Faults == nil {
		f := wahasim.Measured(a.cfg.Seed)
		cfg.Faults = &f
	}
	w := a.current()
	r := newRand(a.cfg.Seed, streamLive)
	faults := wahasim.NewFaults(*cfg.Faults)
	for ctx.Err() == nil {
		changes := 1
		if r.Float64() < 0.04 {
			changes = 4 + r.IntN(9) // many at once: a CS who tidies up, a phone that is back
		}
		burst := w.burst(max(cfg.Now().UnixMilli(), w.last+1), changes)
		if len(burst) == 0 {
			continue
		}
		sent := 0
		for ev := range faults.Apply(slices.Values(burst)) {
			cfg.Send(ctx, ev)
			sent++
		}
		wait := float64(sent) / cfg.Rate * min(r.ExpFloat64(), 4)
		if !pause(ctx, time.Duration(wait*float64(time.Second))) {
			break
		}
	}
	return nil
}

// burst lets the next changes happen, all at one millisecond, and returns what is
// emitted. All that is due at one moment for one lead is one change. Only a
// second change of the same lead is a millisecond later.
func (w *world) burst(now int64, changes int) (evs []wahasim.Event) {
	var lead *prospect
	var due int64
	for n := 0; ; {
		a := w.next(never)
		if same := a.lead != nil && a.lead == lead && a.due == due; !same {
			if n == changes {
				w.giveBack(a)
				return evs
			}
			lead, due = a.lead, a.due
			n++
		}
		if a.mark && a.due != a.lead.lastDue && now <= a.lead.lastStamp {
			now = a.lead.lastStamp + 1
		}
		if ev := w.run(a, now); !ev.IsZero() {
			evs = append(evs, ev)
		}
	}
}

func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
