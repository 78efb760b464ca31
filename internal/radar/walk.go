package radar

import (
	"math"
	"math/bits"
	"time"
)

// A walker goes through time minute by minute and knows at each how improbable the
// present silence is. Learning and judging both walk, so that the threshold is made
// of the very numbers it is held against.
//
// The number's level of a day L is Gamma(shape, rate), prior mean m and weight k;
// after n active minutes where e were expected it is Gamma(mk+n, k+e). With it, a
// silence in which the intensity adds up to Λ has the probability
//
//	∫ exp(-LΛ) dΓ(L) = (rate / (rate+Λ))^shape
//
// which is Poisson's exp(-Λ) where the level is known well, and far less certain
// where it is not: early in the day, or where days differ. Over several days the
// probabilities multiply, with a chance for each that it is a day off.
type walker struct {
	m *Model

	day    int     // local day number, 0 = not begun
	kind   dayKind // of the day
	n, e   float64 // active and expected minutes of the day up to the last active one
	later  float64 // expected since
	lambda float64 // intensity of the silence, of this day
	on     float64 // probability of the silence before this day, and that work goes on today
	off    float64 // … and that today is a day off

	began      int64 // last active minute, Unix ms; 0 = none yet
	heard      float64
	idle       int  // whole working days inside the silence
	dayHadWork bool // the day began with the silence under way and ought to have had work
}

// hour walks through minutes [from, to) of an hour. found is called at each active
// minute with the silence before it.
func (w *walker) hour(hour int64, active, heard uint64, from, to int, found func(w *walker)) {
	local := time.UnixMilli(hour * hourMs).In(w.m.zone)
	w.enter(local)
	cell := w.m.cells[cellOf(local)] * share(w.kind, local.Hour())
	expect, intensity := cell, -math.Log1p(-math.Min(cell, maxCell))
	mask := fullHour >> (60 - to) &^ (1<<from - 1)
	active &= mask
	heard = heard&mask | active
	for rest := active; rest != 0; rest &= rest - 1 {
		at := bits.TrailingZeros64(rest)
		before := minutesIn(heard & (1<<at - 1))
		heard &^= 1<<(at+1) - 1
		w.silent(before, expect, intensity)
		if found != nil && w.began != 0 {
			found(w)
		}
		w.n, w.e = w.n+1, w.e+w.later+expect
		w.later, w.lambda, w.on, w.off, w.idle, w.heard, w.dayHadWork = 0, 0, 1, 0, 0, 0, false
		w.began = hour*hourMs + int64(at)*minuteMs
	}
	w.silent(minutesIn(heard), expect, intensity)
}

func (w *walker) silent(minutes, expect, intensity float64) {
	w.later += minutes * expect
	w.lambda += minutes * intensity
	w.heard += minutes
}

// enter begins a new local day where one begins.
func (w *walker) enter(local time.Time) {
	year, _, _ := local.Date()
	day := daysBefore(year) + local.YearDay()
	if day == w.day {
		return
	}
	if w.day != 0 {
		w.leave()
	}
	w.day, w.kind = day, w.m.kindOf(day, local)
	if w.began != 0 {
		chance, stay := w.m.chanceOff(w.kind)
		w.on, w.off = (1-chance)*w.on+(1-stay)*w.off, chance*w.on+stay*w.off
	}
	w.n, w.e, w.later, w.lambda = 0, 0, 0, 0
	w.dayHadWork = w.kind != holiday && w.began != 0
}

func (w *walker) leave() {
	w.on *= w.survival()
	if w.dayHadWork && w.n == 0 && w.later >= workMinutes {
		w.idle++
	}
}

// survival is the probability of today's part of the silence, given work today.
func (w *walker) survival() float64 {
	mean, k := w.m.Level, w.m.Weight
	if w.kind == holiday {
		mean, k = holidayLevel, holidayWeight
	}
	shape, rate := mean*k+w.n, k+w.e
	return math.Pow(rate/(rate+w.lambda), shape)
}

// surprise is -ln of the silence's probability; 0 before the first active minute.
func (w *walker) surprise() float64 {
	if w.began == 0 {
		return 0
	}
	p := w.on*w.survival() + w.off
	if p <= 0 {
		return maxSurprise
	}
	return math.Min(-math.Log(p), maxSurprise)
}

const (
	maxCell     = 0.98 // of an hour's minutes
	maxSurprise = 500
	// workMinutes are as many expected active minutes as make a working day.
	workMinutes = 20
	// What is believed of a holiday before its first event: seldom worked, and then
	// little, but nobody knows.
	holidayLevel, holidayWeight = 0.3, 0.5
	holidayOff, holidayStay     = 0.9, 0.95
)
