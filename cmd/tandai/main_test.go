package main

import (
	"testing"
	"time"
)

func TestParseTime(t *testing.T) {
	jakarta := time.FixedZone("WIB", 7*3600)
	now := time.Date(2026, 11, 23, 9, 42, 18, 0, jakarta)
	at := func(text string) int64 {
		t.Helper()
		moment, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return moment.UnixMilli()
	}
	for _, tt := range []struct {
		name, text string
		want       int64
	}{
		{"no bound", "", 0},
		{"RFC 3339", "2026-11-23T08:00:00+07:00", at("2026-11-23T01:00:00Z")},
		{"RFC 3339 in UTC", "2026-11-23T08:00:00Z", at("2026-11-23T08:00:00Z")},
		{"RFC 3339 with milliseconds", "2026-11-23T08:00:00.125Z", at("2026-11-23T08:00:00Z") + 125},
		{"a day begins in the configured zone", "2026-11-23", at("2026-11-22T17:00:00Z")},
		{"a leap day", "2024-02-29", at("2024-02-28T17:00:00Z")},
		{"a minute in the configured zone", "2026-11-23 08:00", at("2026-11-23T01:00:00Z")},
		{"the same with a T", "2026-11-23T08:00", at("2026-11-23T01:00:00Z")},
		{"a second in the configured zone", "2026-11-23 08:00:01", at("2026-11-23T01:00:01Z")},
		{"Unix milliseconds", "1726000004000", 1726000004000},
		{"minutes ago", "90m", now.Add(-90 * time.Minute).UnixMilli()},
		{"days ago", "7d", now.AddDate(0, 0, -7).UnixMilli()},
		{"now", "0s", now.UnixMilli()},
	} {
		if got, err := parseTime(tt.text, now, jakarta); err != nil || got != tt.want {
			t.Errorf("%s: %q is %d, %v; want %d", tt.name, tt.text, got, err, tt.want)
		}
	}
	for name, text := range map[string]string{
		"a word": "yesterday", "a day that is none": "2026-02-30", "Unix seconds": "1726000004", "the future as an age": "-3d",
		"a unit nobody knows": "3w", "a unit alone": "d", "a bare number": "7", "blanks": " ", "something behind it": "2026-11-23 noon",
		"more days than there were": "999999999d",
	} {
		if got, err := parseTime(text, now, jakarta); err == nil {
			t.Errorf("%s: %q is %d, want an error", name, text, got)
		}
	}
}

func TestGuard(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"a name", "Grade A", "Grade A"},
		{"nothing", "", ""},
		{"a formula", "=1+1", "'=1+1"},
		{"a formula by plus", "+1", "'+1"},
		{"a formula by minus", "-1", "'-1"},
		{"a function", "@SUM(A1)", "'@SUM(A1)"},
		{"a tab before a formula", "\t=1", "'\t=1"},
		{"a line break before a formula", "\r=1", "'\r=1"},
		{"the sign further on", "a=b", "a=b"},
		{"a name that begins with an emoji", "🔥 hot", "🔥 hot"},
	} {
		if got := guard(tt.in); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestCount(t *testing.T) {
	for want, got := range map[string]string{
		"0 sessions": count(0, "session"), "1 session": count(1, "session"), "2 sessions": count(2, "session"),
		"1 body": count(1, "body"), "12 bodies": count(12, "body"),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
