package radar

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestCalendar(t *testing.T) {
	cal := Calendar{Indonesia: true, Days: map[string]bool{"2026-11-27": true}}
	for _, c := range []struct {
		name, date string
		want       dayKind
	}{
		{"Idul Fitri 1446", "2025-03-31", holiday},
		{"Idul Fitri 1447", "2026-03-21", holiday},
		{"people are still travelling", "2026-03-25", holiday},
		{"Ramadan", "2026-03-05", ramadan},
		{"Idul Adha 1446", "2025-06-06", holiday},
		{"Idul Adha 1447", "2026-05-27", holiday},
		{"Idul Fitri 1448", "2027-03-10", holiday},
		{"Maulid 1447", "2025-09-05", holiday},
		{"independence", "2026-08-17", holiday},
		{"Christmas", "2026-12-25", holiday},
		{"Good Friday", "2026-04-03", holiday},
		{"Ascension", "2026-05-14", holiday},
		{"a Monday", "2026-11-23", workday},
		{"named in the configuration", "2026-11-27", holiday},
	} {
		at, err := time.ParseInLocation(time.DateOnly, c.date, jakarta)
		if err != nil {
			t.Fatal(err)
		}
		if got := cal.kind(at.Add(13 * time.Hour)); got != c.want {
			t.Errorf("%s (%s) is of kind %v, want %v", c.name, c.date, got, c.want)
		}
	}
	if got := (Calendar{}).kind(time.Date(2026, 3, 21, 12, 0, 0, 0, jakarta)); got != workday {
		t.Errorf("without a calendar of Indonesia Lebaran is of kind %v", got)
	}
}

func TestHours(t *testing.T) {
	at := time.Date(2026, 11, 23, 9, 59, 30, 0, jakarta).UnixMilli()
	h := Hours{}
	h.Mark(at)
	h.Mark(at + 20_000)
	h.Mark(at + 60_000)
	if !h.Has(at) || h.Has(at-60_000) || len(h) != 2 {
		t.Errorf("%v", h)
	}
	if got, want := h.Last(at+59*minuteMs, 3), (at+60_000)/minuteMs*minuteMs; got != want {
		t.Errorf("last minute is %d, want %d", got, want)
	}
	if got, want := h.Last(at+29_000, 3), at/minuteMs*minuteMs; got != want {
		t.Errorf("last minute before the next hour is %d, want %d", got, want)
	}
	if got := h.Last(at+10*hourMs, 3); got != 0 {
		t.Errorf("found %d beyond the hours asked for", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		from := rapid.Int64Range(0, 10*hourMs).Draw(t, "from")
		to := from + rapid.Int64Range(0, 3*hourMs).Draw(t, "length")
		h := Hours{}
		h.MarkRange(from, to)
		got := int64(0)
		for hour, bits := range h {
			if bits&^fullHour != 0 {
				t.Fatalf("hour %d has minutes beyond its end: %x", hour, bits)
			}
			got += int64(minutesIn(bits))
		}
		if want := max(to/minuteMs-(from+minuteMs-1)/minuteMs, 0); got != want {
			t.Fatalf("%d minutes, want the %d whole ones", got, want)
		}
	})
}

// numbered makes the first quarter of a trade and its model at day d.
func numbered(t *testing.T, name string, d int) (m *Model, active, heard Hours, now int64) {
	t.Helper()
	for _, tr := range trades() {
		if tr.name != name {
			continue
		}
		active, heard, _ = tr.live(rand.New(rand.NewPCG(5, 6)))
		now = tr.start.AddDate(0, 0, d).UnixMilli()
		for hour := range active {
			if hour >= now/hourMs {
				delete(active, hour)
			}
		}
		return Learn(active, heard, now, Options{Zone: jakarta, Calendar: Calendar{Indonesia: true}}), active, heard, now
	}
	t.Fatalf("no trade %q", name)
	return nil, nil, nil, 0
}

func TestLearn_states(t *testing.T) {
	if m := Learn(Hours{}, Hours{}, 0, Options{}); m.State != Learning || m.Judge(Hours{}, Hours{}, 1e12).Deaf {
		t.Errorf("of nothing: %s", m.State)
	}
	if m, _, _, _ := numbered(t, "Poisson", 13); m.State != Learning {
		t.Errorf("after 13 days: %s", m.State)
	}
	if m, _, _, _ := numbered(t, "Poisson", 16); m.State != Ready {
		t.Errorf("after 16 days: %s", m.State)
	}
	young, _, _, _ := numbered(t, "Poisson", 16)
	old, _, _, _ := numbered(t, "Poisson", 60)
	if young.Threshold <= old.Threshold {
		t.Errorf("a new number's threshold %.1f is not above that of one long known, %.1f", young.Threshold, old.Threshold)
	}
	faded := Hours{}
	for i := range int64(60) { // a message a day
		faded.Mark(time.Date(2026, 7, 6, 12, 0, 0, 0, jakarta).UnixMilli() + i*24*hourMs)
		for j := range int64(2) {
			faded.Mark(time.Date(2026, 7, 6, 13, 0, 0, 0, jakarta).UnixMilli() + i*24*hourMs + j*hourMs)
		}
	}
	heard := Hours{}
	end := time.Date(2026, 9, 4, 0, 0, 0, 0, jakarta).UnixMilli()
	heard.MarkRange(time.Date(2026, 7, 6, 0, 0, 0, 0, jakarta).UnixMilli(), end)
	if m := Learn(faded, heard, end, Options{Zone: jakarta}); m.State == Ready && m.Judge(faded, heard, end+6*hourMs).Deaf {
		t.Errorf("a number of three messages a day is deaf in the night: %+v", m.Judge(faded, heard, end+6*hourMs))
	}
}

// Two silent Sundays are enough to expect nothing on the third.
func TestLearn_closedOnSundays(t *testing.T) {
	m, active, heard, _ := numbered(t, "closed on Sundays, late at times", 20) // up to Sunday, 26 July
	sunday := time.Date(2026, 7, 26, 20, 0, 0, 0, jakarta).UnixMilli()
	heard.MarkRange(sunday-20*hourMs, sunday)
	if v := m.Judge(active, heard, sunday); v.Deaf || v.State != Ready {
		t.Errorf("closed on Sunday: %+v, threshold %.1f", v, m.Threshold)
	}
	monday := sunday + 17*hourMs
	heard.MarkRange(sunday, monday)
	if v := m.Judge(active, heard, monday); !v.Deaf {
		t.Errorf("silent on Monday at one: %+v, threshold %.1f", v, m.Threshold)
	}
}

// A silence that nobody listened to is none.
func TestJudge_unheard(t *testing.T) {
	m, active, heard, now := numbered(t, "Poisson", 60)
	noon := now + 13*hourMs
	listened := Hours{}
	for h, bits := range heard {
		if h < now/hourMs {
			listened[h] = bits
		}
	}
	if v := m.Judge(active, listened, noon); v.Deaf || v.Expected > 1 {
		t.Errorf("nobody listened since midnight: %+v", v)
	}
	if v := m.Judge(active, heard, noon); !v.Deaf {
		t.Errorf("silent until one: %+v, threshold %.1f", v, m.Threshold)
	}
	if v := m.Judge(active, heard, now+6*hourMs); v.Deaf {
		t.Errorf("silent in the night: %+v", v)
	}
	// The clock went back: the future is not known.
	if v := m.Judge(active, heard, now-30*24*hourMs); v.Deaf {
		t.Errorf("a month before: %+v", v)
	}
}

// Lebaran is no reason for an alarm; work that does not begin again after it is.
func TestJudge_holidays(t *testing.T) {
	m, active, heard, until := numbered(t, "Lebaran", 66) // up to 19 March 2026
	heard.MarkRange(until, until+20*24*hourMs)
	at := time.UnixMilli(until).In(jakarta).Add(21 * time.Hour)
	days := 0
	for ; m.cal.kind(at) == holiday; at = at.AddDate(0, 0, 1) {
		days++
		if v := m.Judge(active, heard, at.UnixMilli()); v.Deaf {
			t.Errorf("silent on %s: %+v, threshold %.1f", at.Format(time.DateOnly), v, m.Threshold)
		}
	}
	if days < 7 {
		t.Fatalf("only %d days off", days)
	}
	if v := m.Judge(active, heard, at.AddDate(0, 0, 1).UnixMilli()); !v.Deaf {
		t.Errorf("silent for two working days after it: %+v, threshold %.1f", v, m.Threshold)
	}
}

// The longer a silence of one day, the more it surprises; and the probability of the
// level model is what the integral says.
func TestWalker_survival(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &Model{Level: rapid.Float64Range(0.1, 5).Draw(t, "level"), Weight: rapid.Float64Range(1, 30).Draw(t, "weight"), zone: time.UTC}
		w := walker{m: m, began: 1, n: rapid.Float64Range(0, 50).Draw(t, "n"), e: rapid.Float64Range(0, 50).Draw(t, "e"), lambda: rapid.Float64Range(0, 40).Draw(t, "lambda"), on: 1}
		shape, rate := m.Level*m.Weight+w.n, m.Weight+w.e
		// E exp(-LΛ) of Gamma(shape, rate), by its moment generating function in logs.
		want := -shape * math.Log(1-(-w.lambda)/rate)
		if got := math.Log(w.survival()); math.Abs(got-want) > 1e-6*math.Abs(want)+1e-9 {
			t.Fatalf("ln P = %v, want %v", got, want)
		}
		before := w.surprise()
		w.lambda++
		if after := w.surprise(); after <= before {
			t.Fatalf("a longer silence surprises less: %v after %v", after, before)
		}
	})
}

func TestModel_NoticeAfter(t *testing.T) {
	m, active, heard, _ := numbered(t, "Poisson", 60)
	monday := time.Date(2026, 8, 31, 13, 0, 0, 0, jakarta).UnixMilli()
	for h := range active {
		if h >= monday/hourMs {
			delete(active, h)
		}
	}
	at := monday
	for ; !m.Judge(active, heard, at).Deaf; at += minuteMs {
	}
	if got, want := m.NoticeAfter(), time.Duration(at-monday)*time.Millisecond; got < want/2 || got > 2*want {
		t.Errorf("says %v, took %v", got, want)
	}
}
