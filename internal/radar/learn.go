package radar

import (
	"math"
	"math/bits"
	"slices"
	"time"
)

// heardHour is one hour of what Learn sees.
type heardHour struct {
	cell, day int
	kind      dayKind
	active    float64 // active minutes
	exposure  float64 // heard minutes, a Ramadan evening's count less
	weight    float64 // by age
}

// heardDay sums one local day up.
type heardDay struct {
	day              int
	kind             dayKind
	active, expected float64
	minutes          float64 // heard
	off              bool    // work was expected and nothing came
}

// Learn makes a model of a number from its active minutes and from the minutes in
// which anybody listened, of the last 13 weeks before now (Unix ms).
//
// Rates: hour of the day, times a factor of the weekday, times a factor of the hour
// of the week, each drawn towards 1 by a few minutes' worth of belief (Gamma-Poisson
// shrinkage), so that two silent Sundays are enough to expect nothing on the third
// while one slow hour is not.
//
// Threshold: where n silences a month are judged and the model is right, surprises are
// Exp(1), and a threshold of ln(n/budget) has `budget` false alarms a month. Traffic
// that comes in bursts has a heavier tail, so the tail is measured on the number's own
// past: above the surprise u that 5 % of the silences exceed, excesses are taken for
// exponential with the mean that was seen, upper bound, never below 1; that is the
// peaks-over-threshold method with shape 0 (Coles, An Introduction to Statistical
// Modeling of Extreme Values, 2001, chapter 4). And never below what would have kept
// within the budget in the past itself.
func Learn(active, heard Hours, now int64, opt Options) *Model {
	m := &Model{State: Learning, Level: 1, Weight: 5, zone: opt.Zone, cal: opt.Calendar, kinds: map[int]dayKind{}}
	if m.zone == nil {
		m.zone = time.UTC
	}
	budget := opt.Budget
	if budget <= 0 {
		budget = 1
	}
	from, any := active.first() // what came before the first event tells nothing of the number
	if !any {
		return m
	}
	// A silence that goes on is what is being judged, and teaches nothing yet.
	if last := active.Last(now, lookBack); last != 0 && now-last < forgive.Milliseconds() {
		now = last + minuteMs
	}
	from = max(from, (now-window.Milliseconds())/hourMs)
	hours := m.gather(active, heard, from, now)
	m.rates(hours, nil)
	days := m.days(hours)
	off := map[int]bool{}
	for _, d := range days {
		if d.off {
			off[d.day] = true
		}
	}
	if len(off) > 0 {
		m.rates(hours, off)
		days = m.days(hours)
	}
	m.levels(days)
	months := float64(max(m.DaysHeard, 1)) / monthDays
	m.daysOff(days, budget, months)
	m.threshold(active, heard, from, now, budget, months)

	total := 0.0
	for _, h := range hours {
		total += h.active
	}
	switch {
	case m.DaysHeard < minDays || total < minActive:
		m.State = Learning
	case m.week() < 1.5*m.Threshold:
		m.State = Quiet
	default:
		m.State = Ready
	}
	return m
}

func (m *Model) gather(active, heard Hours, from, now int64) []heardHour {
	var all []heardHour
	for hour := from; hour < now/hourMs; hour++ { // whole hours only
		a := active[hour]
		mask := heard[hour] | a
		if mask == 0 {
			continue
		}
		local := time.UnixMilli(hour * hourMs).In(m.zone)
		day := daysBefore(local.Year()) + local.YearDay()
		kind, ok := m.kinds[day]
		if !ok {
			kind = m.cal.kind(local)
			m.kinds[day] = kind
		}
		all = append(all, heardHour{
			cell: cellOf(local), day: day, kind: kind,
			active: float64(bits.OnesCount64(a)), exposure: minutesIn(mask) * share(kind, local.Hour()),
			weight: math.Exp2(-float64(now-hour*hourMs) / float64(halfLife.Milliseconds())),
		})
	}
	return all
}

// How many active minutes' worth the belief is that a weekday is like the others, and
// that an hour of the week is as its weekday and its hour say.
const (
	weekdayBelief = 3
	cellBelief    = 4
)

// rates fills cells, leaving out holidays and the days named.
func (m *Model) rates(hours []heardHour, without map[int]bool) {
	var clock, clockN [24]float64
	for _, h := range hours {
		if h.kind != holiday && !without[h.day] {
			clock[h.cell%24] += h.weight * h.exposure
			clockN[h.cell%24] += h.weight * h.active
		}
	}
	for i := range clock {
		if clock[i] > 0 {
			clock[i] = math.Min(clockN[i]/clock[i], maxCell)
		}
	}
	sums := func(key func(cell int) int, expect func(cell int) float64, n int) (got, want []float64) {
		got, want = make([]float64, n), make([]float64, n)
		for _, h := range hours {
			if h.kind != holiday && !without[h.day] {
				got[key(h.cell)] += h.weight * h.active
				want[key(h.cell)] += h.weight * h.exposure * expect(h.cell)
			}
		}
		return got, want
	}
	got, want := sums(func(c int) int { return c / 24 }, func(c int) float64 { return clock[c%24] }, 7)
	var weekday [7]float64
	for i := range weekday {
		weekday[i] = (weekdayBelief + got[i]) / (weekdayBelief + want[i])
	}
	got, want = sums(func(c int) int { return c }, func(c int) float64 { return clock[c%24] * weekday[c/24] }, len(m.cells))
	for i := range m.cells {
		m.cells[i] = math.Min(clock[i%24]*weekday[i/24]*(cellBelief+got[i])/(cellBelief+want[i]), maxCell)
	}
}

// days sums the hours of each day up against the rates.
func (m *Model) days(hours []heardHour) []heardDay {
	var all []heardDay
	for _, h := range hours {
		if n := len(all); n == 0 || all[n-1].day != h.day {
			all = append(all, heardDay{day: h.day, kind: h.kind})
		}
		d := &all[len(all)-1]
		d.active += h.active
		d.expected += h.exposure * m.cells[h.cell]
		d.minutes += h.exposure
	}
	m.DaysHeard, m.PerDay = 0, 0
	for i := range all {
		d := &all[i]
		if d.minutes >= 12*60*0.7 {
			m.DaysHeard++
		}
		d.off = d.kind != holiday && d.expected >= workMinutes && d.active == 0
	}
	for _, c := range m.cells {
		m.PerDay += c * 60 / 7
	}
	return all
}

// How many active minutes' worth the belief is that the last days were as the weeks
// before, and over how many working days half of it is forgotten.
const (
	levelBelief   = 20
	levelHalfLife = 4
)

// levels finds what the last days were like, and how much days differ from what the
// days before them led to expect.
func (m *Model) levels(days []heardDay) {
	got, want := 0.0, 0.0
	level := func() float64 {
		return min(max((levelBelief+got)/(levelBelief+want), 0.1), 5)
	}
	var squares, noise, n float64
	for _, d := range days {
		if d.kind == holiday || d.off || d.expected < workMinutes {
			continue
		}
		expected := level() * d.expected
		r := d.active/expected - 1
		squares, noise, n = squares+r*r, noise+1/expected, n+1
		keep := math.Exp2(-1.0 / levelHalfLife)
		got, want = keep*got+d.active, keep*want+d.expected
	}
	m.Level = level()
	if n >= 5 {
		m.Weight = min(max(1/max((squares-noise)/n, 1e-3), 1), 30)
	}
}

// newDays is by how much days to come surprise more than the past, of which the model
// was made. Found by simulation (quarter_test.go): without it, numbers had 1.3 times
// the false alarms that they were allowed.
const newDays = 1.08

// daysOff learns how often a number is silent for a whole working day.
func (m *Model) daysOff(days []heardDay, budget, months float64) {
	count, work, run := 0.0, 0.0, 0
	for _, d := range days {
		switch {
		case d.kind == holiday || d.expected < workMinutes:
		case d.off:
			count++
			work++
			run++
			m.LongestOff = max(m.LongestOff, run)
		default:
			work++
			run = 0
		}
	}
	m.off = (count + 0.5) / (work + 10)
	m.OffDays = count / months
	m.Wary = m.OffDays > 0.5*budget
}

// threshold walks through the past and sets the threshold by what it finds.
func (m *Model) threshold(active, heard Hours, from, now int64, budget, months float64) {
	var seen []float64
	w := &walker{m: m}
	for hour := from; hour < now/hourMs; hour++ {
		w.hour(hour, active[hour], heard[hour], 0, 60, func(w *walker) {
			// Whole days off are counted apart, and what is too short is never judged.
			if w.idle == 0 && w.kind != holiday && w.heard >= minSilence.Minutes() {
				seen = append(seen, w.surprise())
			}
		})
	}
	slices.Sort(seen)
	budget *= 0.4 // days off may take half, and a little is kept
	n := float64(len(seen)) / months
	m.Threshold = math.Max(math.Log(math.Max(n, 1)/budget), 5)
	if len(seen) >= 40 {
		above := max(len(seen)/5, 30)
		u, excess := seen[len(seen)-above-1], 0.0
		for _, s := range seen[len(seen)-above:] {
			excess += s - u
		}
		mean := excess / float64(above) * (1 + 1/math.Sqrt(float64(above)))
		m.tail = tail{from: u, mean: math.Max(mean, 1), perMonth: float64(above) / months}
		m.Threshold = math.Max(m.Threshold, u+math.Max(mean, 1)*math.Log(math.Max(float64(above)/months/budget, math.E)))
		m.Threshold = math.Max(m.Threshold, seen[len(seen)-1-min(int(budget*months), len(seen)-1)])
	}
	m.Threshold *= newDays
	if m.DaysHeard < 2*minDays { // what two weeks show of a tail is little
		m.Threshold *= 1 + 0.5*float64(2*minDays-m.DaysHeard)/minDays
	}
}

// week is the intensity of a whole week at the present level.
func (m *Model) week() float64 {
	sum := 0.0
	for _, c := range m.cells {
		sum += -math.Log1p(-c) * 60
	}
	return sum * m.Level
}
