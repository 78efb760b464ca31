package radar

import (
	"math"
	"slices"
	"time"
)

// State says whether a model can judge.
type State string

// The states of a model. Learning: too little was heard yet. Quiet: the number is so
// quiet that no silence of a few days would be improbable enough.
const (
	Learning State = "learning"
	Quiet    State = "quiet"
	Ready    State = "ready"
)

// Model is what is known of one number's traffic. It is not changed after Learn.
type Model struct {
	State State
	// Threshold is the surprise, -ln of the probability of a silence, from which on
	// it counts as deafness.
	Threshold float64
	Level     float64 // what the last days were like; 1 = as the weeks before
	Weight    float64 // how alike days are: 1/Weight is the variance of the level
	DaysHeard int     // local days with at least half of their hours heard
	PerDay    float64 // active minutes expected on a day of the week, on average
	OffDays   float64 // unforeseen days without any traffic, a month
	// Wary: such days come more often than the budget bears. A silence that begins
	// before the day's first event then only counts once it is longer than any day
	// off was.
	Wary       bool
	LongestOff int // working days off in a row, at most, while heard

	cells [7 * 24]float64 // share of active minutes, by hour of the week, Sunday first
	zone  *time.Location
	cal   Calendar
	kinds map[int]dayKind // by local day number
	off   float64         // chance of an unforeseen day off
	tail  tail
}

// tail is what the most surprising silences of the past were like.
type tail struct {
	from, mean, perMonth float64
}

// once is in how many months such a silence comes by chance; 0 = not known.
func (t tail) once(surprise float64) float64 {
	if t.perMonth == 0 || surprise < t.from {
		return 0
	}
	return math.Min(math.Exp((surprise-t.from)/t.mean)/t.perMonth, 1200)
}

// Options are what Learn needs to know beside what was heard.
type Options struct {
	Zone     *time.Location // nil = UTC
	Calendar Calendar
	// Budget is how many false alarms a month a number may have; 0 = 1.
	Budget float64
}

const (
	// window is how far back a model looks; what is older than halfLife counts half.
	window   = 91 * 24 * time.Hour
	halfLife = 28 * 24 * time.Hour
	// A model speaks after two weeks in which it heard each hour of the week twice.
	minDays   = 14
	minActive = 150
	monthDays = 30.4
	// minSilence: below it nothing is improbable enough, whatever the model says.
	// WAHA needs minutes to reconnect, and counts come by the minute.
	minSilence = 15 * time.Minute
	// forgive is how long a silence is kept out of what is learnt. After it, it is how
	// the number is now.
	forgive = 7 * 24 * time.Hour
	// offStay is the chance that a day off follows another.
	offStay = 0.5
)

func cellOf(local time.Time) int { return int(local.Weekday())*24 + local.Hour() }

func (m *Model) kindOf(day int, local time.Time) dayKind {
	if k, ok := m.kinds[day]; ok {
		return k
	}
	return m.cal.kind(local) // beyond what was learnt: the calendar is asked anew, m is not changed
}

func (m *Model) chanceOff(kind dayKind) (chance, stay float64) {
	switch {
	case kind == holiday:
		return holidayOff, holidayStay
	case m.Wary:
		return m.off, math.Max(m.off, offStay)
	}
	return 0, 0
}

// Verdict is what a model says of a silence.
type Verdict struct {
	State    State
	Deaf     bool
	Since    int64   // begin of the last active minute, Unix ms; 0 = none was seen
	Surprise float64 // -ln of the probability of such a silence
	Expected float64 // active minutes that ought to have been in it
	Every    float64 // by chance such a silence comes once in so many months, 1200 at most; 0 = not known
	IdleDays int     // whole working days in it
}

// lookBack is how many hours a silence is followed back.
const lookBack = 24 * 60

// Judge says what to think of the silence at now, Unix ms. Of the minutes only those
// in heard count: what nobody listened to is no silence.
func (m *Model) Judge(active, heard Hours, now int64) Verdict {
	v := Verdict{State: m.State, Since: active.Last(now, lookBack)}
	if v.Since == 0 || v.Since >= now/minuteMs*minuteMs { // never, or just now
		return v
	}
	w := m.walk(active, heard, startOfDay(v.Since, m.zone)/hourMs, now)
	v.Surprise, v.Expected, v.IdleDays = w.surprise(), w.lambda, w.idle
	v.Every = m.tail.once(v.Surprise)
	v.Deaf = m.State == Ready && m.deaf(w)
	return v
}

// deaf tells whether the walker's silence is one nobody believes in.
func (m *Model) deaf(w *walker) bool {
	if w.heard < minSilence.Minutes() {
		return false
	}
	return w.surprise() >= m.Threshold || m.Wary && w.idle > m.LongestOff+1
}

// walk goes from the beginning of an hour to now, without the minute now is in.
func (m *Model) walk(active, heard Hours, from, now int64) *walker {
	w := &walker{m: m}
	for hour := from; hour <= now/hourMs; hour++ {
		to := 60
		if hour == now/hourMs {
			to = int(now % hourMs / minuteMs)
		}
		w.hour(hour, active[hour], heard[hour], 0, to, nil)
	}
	return w
}

func startOfDay(at int64, zone *time.Location) int64 {
	y, month, d := time.UnixMilli(at).In(zone).Date()
	return time.Date(y, month, d, 0, 0, 0, 0, zone).UnixMilli()
}

// NoticeAfter is how long this number has to be silent at work until that is noticed:
// in its busiest tenth of the hours of a week. 0 where the model does not judge.
func (m *Model) NoticeAfter() time.Duration {
	if m.State != Ready {
		return 0
	}
	cells := slices.Clone(m.cells[:])
	slices.Sort(cells)
	busiest, sum := cells[len(cells)-len(cells)/10:], 0.0
	for _, c := range busiest {
		sum += -math.Log1p(-c)
	}
	// With the level as certain as half a day's work makes it; see walker.survival.
	shape := m.Level*m.Weight + m.Level*m.PerDay/2
	lambda := (m.Weight + m.PerDay/2) * (math.Exp(m.Threshold/shape) - 1)
	minutes := lambda / (sum / float64(len(busiest)))
	return max(time.Duration(minutes*float64(time.Minute)), minSilence).Round(time.Minute)
}
