package radar

import (
	"math"
	"math/rand/v2"
	"time"
)

// A trade is what a simulated number's traffic is like.
type trade struct {
	name       string
	perHour    float64 // events in a full hour of work, on a usual day
	burst      float64 // events of one burst, on average; 1 = Poisson
	gust       float64 // how much the hours of a day differ (coefficient of variation); 0 = not
	spread     float64 // how much days differ
	sundays    float64 // of the usual
	payday     float64 // from the 25th to the 1st
	night      float64 // events an hour outside working hours: messages come by night too
	leave      float64 // chance of a day off without notice
	halfDay    float64 // chance that the agent leaves at noon
	fade       float64 // share that is left of the traffic at the end
	late       int     // minutes an agent may begin later than usual
	calendar   bool    // Lebaran and other holidays are kept
	ramadan    bool    // the evening's hours move
	start      time.Time
	open, shut int

	// What must be found of its silences: the share within two busy hours, and half
	// of them within so many (0 = not asked). Of numbers that are silent for hours
	// anyway that is not much; less would be worse than it was.
	found, half float64
}

var jakarta = func() *time.Location {
	zone, err := time.LoadLocation("Asia/Jakarta")
	if err != nil {
		panic(err)
	}
	return zone
}()

// trades are quarters as numbers live through them.
func trades() []trade {
	monday := time.Date(2026, 7, 6, 0, 0, 0, 0, jakarta)
	base := trade{perHour: 14, burst: 1, sundays: 0.1, payday: 1.3, spread: 0.15, open: 8, shut: 20, start: monday}
	with := func(name string, change func(*trade)) trade {
		t := base
		t.name = name
		change(&t)
		return t
	}
	return []trade{
		with("Poisson", func(t *trade) { t.found = 0.95 }),
		with("bursts", func(t *trade) { t.found, t.half = 0.2, 4; t.perHour, t.burst, t.gust, t.spread = 30, 4, 0.6, 0.3 }),
		with("busy bursts", func(t *trade) { t.found = 0.85; t.perHour, t.burst, t.gust, t.spread = 60, 3, 0.4, 0.3 }),
		with("wild bursts", func(t *trade) { t.found, t.half = 0.03, 13; t.perHour, t.burst, t.gust, t.spread = 60, 8, 1, 0.4 }),
		with("messages all day", func(t *trade) { t.found = 0.9; t.perHour, t.burst, t.gust, t.night, t.sundays = 60, 3, 0.4, 2, 0.6 }),
		with("closed on Sundays, late at times", func(t *trade) { t.found = 0.9; t.sundays, t.perHour, t.late, t.burst, t.gust = 0, 24, 60, 2, 0.3 }),
		with("leave now and then", func(t *trade) { t.found = 0.85; t.perHour, t.leave, t.burst, t.gust = 24, 1.0/60, 2, 0.3 }),
		with("leave often", func(t *trade) {
			t.found, t.half = 0.3, 8
			t.perHour, t.leave, t.halfDay, t.burst, t.gust = 24, 1.0/12, 1.0/30, 2, 0.3
		}),
		with("fades out", func(t *trade) { t.perHour, t.fade, t.burst, t.gust = 24, 0.03, 2, 0.3 }),
		with("Lebaran", func(t *trade) {
			t.found = 0.85
			t.perHour, t.calendar, t.ramadan, t.burst, t.gust = 24, true, true, 2, 0.3
			t.start = time.Date(2026, 1, 12, 0, 0, 0, 0, jakarta)
		}),
		with("quiet number", func(t *trade) { t.perHour, t.burst, t.gust = 1.5, 2, 0.4 }),
	}
}

const quarter = 91

// live makes a quarter of a number's life. rate is the expected number of active
// minutes of each hour as the number lives it, by hour since the epoch.
func (t trade) live(rng *rand.Rand) (active, heard Hours, rate map[int64]float64) {
	active, heard, rate = Hours{}, Hours{}, map[int64]float64{}
	cal := Calendar{Indonesia: t.calendar}
	level := 0.0
	for d := range quarter {
		date := t.start.AddDate(0, 0, d)
		level = 0.5*level + t.spread*rng.NormFloat64()*math.Sqrt(1-0.25)
		day := math.Exp(level)
		if date.Weekday() == time.Sunday {
			day *= t.sundays
		}
		if date.Day() >= 25 || date.Day() == 1 {
			day *= t.payday
		}
		if t.fade > 0 {
			day *= math.Pow(t.fade, float64(d)/quarter)
		}
		kind := cal.kind(date.Add(12 * time.Hour))
		if kind == holiday && rng.Float64() < 0.85 || rng.Float64() < t.leave {
			day = 0
		}
		open, shut := t.open*60+rng.IntN(t.late+1), t.shut*60
		if rng.Float64() < t.halfDay {
			shut = 12 * 60
		}
		gust := 1.0
		for minute := range 24 * 60 {
			at := date.Add(time.Duration(minute) * time.Minute)
			heard.Mark(at.UnixMilli())
			if minute%60 == 0 && t.gust > 0 { // the hours of a day differ
				gust = math.Exp(t.gust*rng.NormFloat64() - t.gust*t.gust/2)
			}
			perMinute := t.night / 60
			if minute >= open && minute < shut {
				perMinute = max(perMinute, t.perHour/60*day*gust*shape(minute/60))
				if t.ramadan && kind == ramadan && (minute/60 == 17 || minute/60 == 18) {
					perMinute *= 0.3
				}
			}
			perMinute /= t.burst
			usual := perMinute / gust // of bursts; of the minutes of a burst, some more
			rate[at.UnixMilli()/hourMs] += 1 - math.Exp(-usual*(1+(t.burst-1)*0.45))
			if rng.Float64() >= 1-math.Exp(-perMinute) {
				continue
			}
			// A burst: an agent works through a list, some seconds to a minute each.
			active.Mark(at.UnixMilli())
			for tail := at; rng.Float64() < 1-1/t.burst; {
				tail = tail.Add(time.Duration(rng.ExpFloat64() * 40 * float64(time.Second)))
				active.Mark(tail.UnixMilli())
			}
		}
	}
	return active, heard, rate
}

// shape is lunch, and a slow beginning.
func shape(hour int) float64 {
	switch hour {
	case 8, 19:
		return 0.6
	case 12:
		return 0.5
	}
	return 1
}
