package label

import "time"

// DayChange counts, for one session, label and local day, what spans did:
// Added began (and we saw it), Found were there when we first looked, Removed
// ended. Active at the end of a day is the running sum of
// Added + Found - Removed.
type DayChange struct{ Added, Found, Removed int }

// Net is what the day changes in the number of active labels.
func (c DayChange) Net() int { return c.Added + c.Found - c.Removed }

// Day is the local calendar day of at, as 2006-01-02.
func Day(at int64, zone *time.Location) string {
	return time.UnixMilli(at).In(zone).Format(time.DateOnly)
}

// CountDays adds sign times what the span did to days.
func CountDays(days map[string]DayChange, s Span, zone *time.Location, sign int) {
	began := Day(s.StartedAt, zone)
	c := days[began]
	if s.StartUnknown {
		c.Found += sign
	} else {
		c.Added += sign
	}
	days[began] = c
	if !s.Active() {
		ended := Day(s.EndedAt, zone)
		c = days[ended]
		c.Removed += sign
		days[ended] = c
	}
}
