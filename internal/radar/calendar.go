package radar

import "time"

// Kind of a day, as far as traffic goes.
type dayKind int

const (
	workday dayKind = iota
	ramadan
	holiday // many stay silent; some do not
)

// Calendar tells the days on which silence means little.
type Calendar struct {
	// Indonesia adds its holidays: fixed ones, those of Easter, those of the Islamic
	// calendar with a day to either side, and Lebaran with the days people travel.
	// Imlek, Nyepi and Waisak follow the moon in ways of their own and are not
	// among them: name them in Days, as well as the government's joint leave.
	Indonesia bool
	Days      map[string]bool // further days off, 2026-03-19
}

// kind of the local day that holds t. t is in the client's zone.
func (c Calendar) kind(t time.Time) dayKind {
	if c.Days[t.Format(time.DateOnly)] {
		return holiday
	}
	if !c.Indonesia {
		return workday
	}
	year, month, day := t.Date()
	switch [2]int{int(month), day} {
	case [2]int{1, 1}, [2]int{5, 1}, [2]int{6, 1}, [2]int{8, 17}, [2]int{12, 25}, [2]int{12, 26}, [2]int{12, 31}:
		return holiday
	}
	date := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	if since := int(date.Sub(easter(year)).Hours() / 24); since == -2 || since == 0 || since == 39 { // Good Friday, Easter, Ascension
		return holiday
	}
	// The sighting of the moon decides, and the tables are off by a day at times.
	kind := workday
	for off := -1; off <= 1; off++ {
		m, d := islamic(date.AddDate(0, 0, off))
		switch [2]int{m, d} {
		case [2]int{1, 1}, [2]int{3, 12}, [2]int{7, 27}, [2]int{12, 10}: // new year, Maulid, Isra Mi'raj, Idul Adha
			return holiday
		}
		if m == 9 {
			kind = ramadan
		}
	}
	// Lebaran, 1 and 2 Syawal, with the week in which people are with their families.
	if m, d := islamic(date); m == 10 && d <= 8 || m == 9 && d >= 28 {
		return holiday
	}
	return kind
}

// easter is Easter Sunday of the Gregorian calendar. Source: Meeus, Astronomical
// Algorithms, chapter 8 (Butcher's algorithm).
func easter(year int) time.Time {
	a, b, c := year%19, year/100, year%100
	d, e, f := b/4, b%4, (b+8)/25
	g := (b - f + 1) / 3
	h := (19*a + b - d - g + 15) % 30
	i, k := c/4, c%4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return time.Date(year, time.Month(n/31), n%31+1, 0, 0, 0, 0, time.UTC)
}

// islamic is the month (1 to 12) and day of a date in the tabular Islamic calendar,
// civil epoch, which is within a day of what is proclaimed. Source: Reingold and
// Dershowitz, Calendrical Calculations, "The Islamic Calendar".
func islamic(date time.Time) (month, day int) {
	const epoch = 227014 // 16 July 622, Julian, as a day number where 1 January 1 is 1
	fixed := daysBefore(date.Year()) + date.YearDay()
	year := (30*(fixed-epoch) + 10646) / 10631
	start := func(month int) int { return 29*(month-1) + month/2 + (year-1)*354 + (3+11*year)/30 + epoch }
	month = (11*(fixed-start(1)) + 330) / 325
	return month, fixed - start(month) + 1
}

// daysBefore are the days before 1 January of a year, from 1 January 1.
func daysBefore(year int) int {
	y := year - 1
	return 365*y + y/4 - y/100 + y/400
}

// share is what of its usual traffic an hour of Ramadan has for certain: at dusk
// people break the fast, then pray; the rest of the day shifts.
func share(kind dayKind, hour int) float64 {
	switch {
	case kind != ramadan:
		return 1
	case hour >= 17 && hour <= 19:
		return 0.3
	}
	return 0.7
}
