package label_test

import (
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tandai/internal/label"
)

var zoneNames = []string{
	"UTC", "Asia/Jakarta", "Asia/Makassar", "Asia/Kathmandu", "Pacific/Chatham", "Pacific/Kiritimati", "America/St_Johns",
	"Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "Africa/Casablanca",
}

func zone(t interface {
	Helper()
	Fatal(...any)
}, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func ms(t *testing.T, utc string) int64 {
	t.Helper()
	at, err := time.Parse("2006-01-02T15:04:05.000Z", utc)
	if err != nil {
		t.Fatal(err)
	}
	return at.UnixMilli()
}

func TestDay(t *testing.T) {
	for _, tc := range []struct{ name, zone, at, want string }{
		{"the last millisecond of a day in Jakarta", "Asia/Jakarta", "2026-03-01T16:59:59.999Z", "2026-03-01"},
		{"the first of the next", "Asia/Jakarta", "2026-03-01T17:00:00.000Z", "2026-03-02"},
		{"Kathmandu is a quarter of an hour off", "Asia/Kathmandu", "2026-03-01T18:14:59.999Z", "2026-03-01"},
		{"Kathmandu's midnight", "Asia/Kathmandu", "2026-03-01T18:15:00.000Z", "2026-03-02"},
		{"Chatham in summer is 13:45 ahead", "Pacific/Chatham", "2026-01-15T10:15:00.000Z", "2026-01-16"},
		{"Chatham in summer, just before", "Pacific/Chatham", "2026-01-15T10:14:59.999Z", "2026-01-15"},
		{"Chatham in winter is 12:45 ahead", "Pacific/Chatham", "2026-07-15T11:14:59.999Z", "2026-07-15"},
		{"Chatham's winter midnight", "Pacific/Chatham", "2026-07-15T11:15:00.000Z", "2026-07-16"},
		{"Berlin, the night summer begins", "Europe/Berlin", "2026-03-29T21:59:59.999Z", "2026-03-29"},
		{"Berlin, that day had 23 hours", "Europe/Berlin", "2026-03-29T22:00:00.000Z", "2026-03-30"},
		{"Berlin, the 25 hours of the day winter begins", "Europe/Berlin", "2026-10-25T22:59:59.999Z", "2026-10-25"},
		{"Berlin, and after them", "Europe/Berlin", "2026-10-25T23:00:00.000Z", "2026-10-26"},
		{"west of Greenwich the day is younger", "America/St_Johns", "2026-01-02T03:29:59.999Z", "2026-01-01"},
		{"the year turns", "Asia/Jakarta", "2025-12-31T17:00:00.000Z", "2026-01-01"},
		{"a leap day", "Asia/Jakarta", "2028-02-29T01:00:00.000Z", "2028-02-29"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := label.Day(ms(t, tc.at), zone(t, tc.zone)); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestCountDays(t *testing.T) {
	jakarta := zone(t, "Asia/Jakarta")
	span := func(from, to string, found bool) label.Span {
		s := label.Span{StartedAt: ms(t, from), StartUnknown: found}
		if to != "" {
			s.EndedAt = ms(t, to)
		}
		return s
	}
	for _, tc := range []struct {
		name  string
		spans []label.Span
		want  map[string]label.DayChange
	}{
		{"still there", []label.Span{span("2026-03-01T00:00:00.000Z", "", false)}, map[string]label.DayChange{"2026-03-01": {Added: 1}}},
		{"there when we looked", []label.Span{span("2026-03-01T00:00:00.000Z", "", true)}, map[string]label.DayChange{"2026-03-01": {Found: 1}}},
		{"gone on another day", []label.Span{span("2026-03-01T00:00:00.000Z", "2026-03-03T00:00:00.000Z", false)},
			map[string]label.DayChange{"2026-03-01": {Added: 1}, "2026-03-03": {Removed: 1}}},
		{"over midnight", []label.Span{span("2026-03-01T16:59:59.999Z", "2026-03-01T17:00:00.000Z", false)},
			map[string]label.DayChange{"2026-03-01": {Added: 1}, "2026-03-02": {Removed: 1}}},
		{"within a day", []label.Span{span("2026-03-01T01:00:00.000Z", "2026-03-01T02:00:00.000Z", true), span("2026-03-01T03:00:00.000Z", "", false)},
			map[string]label.DayChange{"2026-03-01": {Added: 1, Found: 1, Removed: 1}}},
		{"a stay of no length", []label.Span{span("2026-03-01T01:00:00.000Z", "2026-03-01T01:00:00.000Z", false)},
			map[string]label.DayChange{"2026-03-01": {Added: 1, Removed: 1}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := map[string]label.DayChange{}
			for _, s := range tc.spans {
				label.CountDays(got, s, jakarta, +1)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("days (-want +got)\n%s", diff)
			}
		})
	}
}

// What a span added is what taking it out again subtracts, and the net over all
// days is the number of spans that are still active.
func TestCountDays_signsAndSums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		z := zone(t, rapid.SampledFrom(zoneNames).Draw(t, "zone"))
		days, active := map[string]label.DayChange{}, 0
		var spans []label.Span
		for range rapid.IntRange(0, 8).Draw(t, "spans") {
			s := label.Span{StartedAt: rapid.Int64Range(1420070400000, 1893456000000).Draw(t, "started"), StartUnknown: rapid.Bool().Draw(t, "found")}
			if rapid.Bool().Draw(t, "ended") {
				s.EndedAt = s.StartedAt + rapid.Int64Range(0, 400*24*3600*1000).Draw(t, "length")
			} else {
				active++
			}
			spans = append(spans, s)
			label.CountDays(days, s, z, +1)
		}
		net := 0
		for _, c := range days {
			net += c.Net()
		}
		if net != active {
			t.Fatalf("net over all days %d, active %d", net, active)
		}
		for _, s := range rapid.Permutation(spans).Draw(t, "taken out") {
			label.CountDays(days, s, z, -1)
		}
		for day, c := range days {
			if c != (label.DayChange{}) {
				t.Fatalf("%s: %+v left", day, c)
			}
		}
	})
}

// The day of an instant, read back in the zone, begins at or before it and the
// next begins after it.
func TestDay_holdsItsInstant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		z := zone(t, rapid.SampledFrom(zoneNames).Draw(t, "zone"))
		at := rapid.Int64Range(1420070400000, 1893456000000).Draw(t, "at")
		day, err := time.ParseInLocation(time.DateOnly, label.Day(at, z), z)
		if err != nil {
			t.Fatal(err)
		}
		next := time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, z)
		if day.UnixMilli() > at && day.Hour() == 0 || next.UnixMilli() <= at {
			t.Fatalf("%d is not within [%s, %s)", at, day, next)
		}
	})
}
