package radar

import (
	"flag"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// outcome is what a radar made of simulated quarters of one trade.
type outcome struct {
	alarms, months float64
	day, night     search
}

// run lets the radar look at a number's quarter. The alarms it would have given are
// counted from the first week on; then the number is silenced at random moments.
func run(t trade, seed uint64, o *outcome) {
	rng := rand.New(rand.NewPCG(seed, 11))
	active, heard, rate := t.live(rng)
	opt := Options{Zone: jakarta, Calendar: Calendar{Indonesia: true}}
	begin := t.start.UnixMilli()
	end := t.start.AddDate(0, 0, quarter).UnixMilli()
	const relearn = 3
	var models []*Model
	upTo := func(at int64) (Hours, Hours) { // what was known then
		a, h := Hours{}, Hours{}
		for hour, bits := range active {
			if hour < at/hourMs {
				a[hour] = bits
			}
		}
		for hour, bits := range heard {
			if hour < at/hourMs {
				h[hour] = bits
			}
		}
		return a, h
	}
	model := func(at int64) *Model { return models[max(0, int((at-begin)/(24*hourMs*relearn)))] }
	for d := 0; d < quarter; d += relearn {
		at := t.start.AddDate(0, 0, d).UnixMilli()
		a, h := upTo(at)
		models = append(models, Learn(a, h, at, opt))
	}
	// A silence's surprise only grows, but for days off: so it alarms if it does at its end.
	last := int64(0)
	for at := begin; at < end; at += minuteMs {
		if at%hourMs == 0 && model(at).State == Ready {
			o.months += 1 / (24 * monthDays)
		}
		if !active.Has(at) {
			continue
		}
		if last != 0 && at-last > minSilence.Milliseconds() {
			before := Hours{}
			for hour := at/hourMs - lookBack; hour <= at/hourMs; hour++ {
				if bits, ok := active[hour]; ok {
					before[hour] = bits
				}
			}
			before[at/hourMs] &= 1<<(at%hourMs/minuteMs) - 1
			if v := model(at).Judge(before, heard, at); v.Deaf {
				o.alarms++
			}
		}
		last = at
	}
	for range 8 {
		day := t.start.AddDate(0, 0, 30+rng.IntN(quarter-37))
		at := day.Add(time.Duration(9*60+rng.IntN(10*60)) * time.Minute).UnixMilli() // at work
		if rate[at/hourMs] >= busy {
			o.day.add(t.silence(model(at), active, heard, rate, at))
		}
		at = day.Add(23 * time.Hour).UnixMilli()
		o.night.add(t.silence(model(at), active, heard, rate, at))
	}
}

// busy is how many active minutes an hour of a busy number has.
const busy = 6

// search is what became of numbers that were silenced.
type search struct {
	n     int
	hours []float64 // busy hours until found
}

func (s *search) add(hours float64) {
	s.n++
	s.hours = append(s.hours, hours)
}

// within is the share found within so many busy hours.
func (s *search) within(hours float64) float64 {
	found := 0
	for _, h := range s.hours {
		if h <= hours {
			found++
		}
	}
	return float64(found) / float64(max(s.n, 1))
}

func (s *search) quantile(p float64) float64 {
	if len(s.hours) == 0 {
		return -1
	}
	slices.Sort(s.hours)
	return s.hours[int(p*float64(len(s.hours)-1))]
}

// silence makes a number deaf at a moment and returns the busy hours until it was
// found; a hundred where it was not.
func (t trade) silence(m *Model, active, heard Hours, rate map[int64]float64, cut int64) float64 {
	deaf := Hours{}
	for h, bits := range active {
		if h <= cut/hourMs {
			deaf[h] = bits
		}
	}
	deaf[cut/hourMs] &= 1<<(cut%hourMs/minuteMs) - 1
	hours := 0.0
	for at := cut; at < cut+6*24*hourMs; at += 5 * minuteMs {
		if m.Judge(deaf, heard, at).Deaf {
			return hours
		}
		if rate[at/hourMs] >= busy {
			hours += 5.0 / 60
		}
	}
	return 100
}

// What the radar promises, on quarters as numbers live through them. The figures
// are logged; docs/operating.md has those of a longer run (-radar.seeds 40).
func TestQuarters(t *testing.T) {
	for _, tr := range trades() {
		t.Run(tr.name, func(t *testing.T) {
			t.Parallel()
			var o outcome
			for seed := range uint64(*seeds) {
				run(tr, seed, &o)
			}
			t.Logf("%.2f false alarms a month in %.1f judged months; silenced at work: %.0f %% of %d found within 2 busy hours, median %.2f, 95 %% %.2f; in the night: %.0f %% of %d, median %.2f",
				o.alarms/o.months, o.months, 100*o.day.within(2), o.day.n, o.day.quantile(.5), o.day.quantile(.95), 100*o.night.within(2), o.night.n, o.night.quantile(.5))
			if o.months < 2*float64(*seeds) {
				t.Errorf("judged in %.1f months of %d quarters only", o.months, *seeds)
			}
			if o.alarms > o.months {
				t.Errorf("%.0f false alarms in %.1f months, want at most one a month", o.alarms, o.months)
			}
			if found := o.day.within(2); found < tr.found {
				t.Errorf("%.2f of the numbers silenced at work were found within 2 busy hours, want %.2f", found, tr.found)
			}
			if half := o.day.quantile(.5); tr.half > 0 && half > tr.half {
				t.Errorf("half of the numbers silenced at work were found within %.2f busy hours, want %.2f", half, tr.half)
			}
		})
	}
}

var seeds = flag.Int("radar.seeds", 4, "simulated numbers of each trade")
