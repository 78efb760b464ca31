package demo

import (
	"math/rand/v2"
	"time"
)

// Streams of randomness; the days and the leads have one each, counted from here.
const (
	streamRoutine = 1 << 40
	streamDay     = 2 << 40
	streamLead    = 3 << 40
	streamLive    = 4 << 40
)

func newRand(seed, stream uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, stream)) }

// byWeekday is how busy a day is: people ask on working days, least on Sundays.
var byWeekday = [7]float64{time.Sunday: 0.55, time.Monday: 1.15, time.Tuesday: 1.1, time.Wednesday: 1.05,
	time.Thursday: 1.0, time.Friday: 0.95, time.Saturday: 0.8}

// payday is the time around the end of the month when salaries have arrived.
func payday(day time.Time) bool { return day.Day() >= 25 || day.Day() <= 5 }

const (
	paydayFactor = 1.35
	trend        = 0.15 // growth over the history
)

// busyness of a day, n days after the start.
func busyness(day time.Time, n, days int) float64 {
	f := byWeekday[day.Weekday()] * (1 + trend*min(1, float64(n)/float64(days)))
	if payday(day) {
		f *= paydayFactor
	}
	return f
}

// byHour is when in the day people write: mid-morning and after dinner.
var byHour = [24]float64{0.3, 0.15, 0.1, 0.1, 0.2, 0.5, 1, 1.6, 2.6, 3.6, 4, 3.6, 3, 3.2, 3.4, 3.4, 3.2, 2.8, 2.6, 3.2, 3.6, 3, 1.8, 0.8}

// fridayDip is how little is written during Friday prayers.
const fridayDip = 0.25

func prayers(hour float64) bool { return hour >= 11.5 && hour < 13 }

// moment draws a time within the day, ms after its local midnight.
func moment(day time.Weekday, r *rand.Rand) int64 {
	for {
		h := float64(pick(r, byHour[:])) + r.Float64()
		if day == time.Friday && prayers(h) && r.Float64() > fridayDip {
			continue
		}
		return int64(h * float64(time.Hour/time.Millisecond))
	}
}

// pick draws an index by weight.
func pick(r *rand.Rand, weights []float64) int {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	x := r.Float64() * sum
	for i, w := range weights {
		if x -= w; x < 0 {
			return i
		}
	}
	return len(weights) - 1
}

func one(r *rand.Rand, of []string) string { return of[r.IntN(len(of))] }

// inShift is the first moment from t on (Unix ms) when the CS works: within the
// shift, not on a free Sunday, not during Friday prayers. Work that had to wait
// is done in the first 40 minutes.
func (d *desk) inShift(t int64, r *rand.Rand) int64 {
	waited := false
	for {
		at := time.UnixMilli(t).In(d.brand.zone)
		hour := float64(t-midnight(at).UnixMilli()) / float64(time.Hour/time.Millisecond)
		wait := 0.0
		switch {
		case at.Weekday() == time.Sunday && !d.seat.sundays, hour >= d.seat.closes:
			wait = 24 - hour + d.seat.opens
		case hour < d.seat.opens:
			wait = d.seat.opens - hour
		case at.Weekday() == time.Friday && prayers(hour):
			wait = 13 - hour
		}
		if wait == 0 {
			if waited {
				t += int64(r.Float64() * 40 * 60_000)
			}
			return t
		}
		waited = true
		t += int64(wait*float64(time.Hour/time.Millisecond)) + 1
	}
}

func midnight(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}
