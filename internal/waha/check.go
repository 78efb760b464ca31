package waha

import (
	"fmt"
	"time"
	"unicode"
	"unicode/utf8"
)

// earliest is 2015-01-01T00:00:00Z in Unix ms: WhatsApp Business is younger.
const earliest = 1_420_070_400_000

// CheckTimestamp judges an envelope's timestamp, Unix ms: from 2015 to a day
// after now. The error is a *Problem.
func CheckTimestamp(ms int64, now time.Time) error {
	bad := func(format string, args ...any) error {
		return &Problem{Field: "timestamp", Reason: fmt.Sprintf(format, args...)}
	}
	day := func(ms int64) string { return time.UnixMilli(ms).UTC().Format(time.DateOnly) }
	latest := now.Add(24 * time.Hour).UnixMilli()
	switch {
	case ms >= earliest && ms <= latest:
		return nil
	case ms == 0:
		return bad("is 0, want milliseconds since 1970")
	case ms < 0:
		return bad("is %d, which is negative, want milliseconds since 1970", ms)
	case ms >= earliest/1000 && ms <= latest/1000:
		return bad("is %d, which looks like seconds, want milliseconds", ms)
	case ms >= earliest*1000 && ms/1000 <= latest:
		return bad("is %d, which looks like microseconds, want milliseconds", ms)
	case ms < earliest:
		return bad("is %d (%s), which is before 2015", ms, day(ms))
	}
	if ms > 253_402_300_799_999 { // the year 9999, where RFC 3339 ends
		return bad("is %d, which is in the far future", ms)
	}
	return bad("is %d (%s), which is more than a day ahead of this machine's clock (%s)", ms, day(ms), day(now.UnixMilli()))
}

// CheckSession judges a session's name: 1 to 54 of A-Z a-z 0-9 _ and -, which is
// what WAHA allows. The error is a *Problem.
func CheckSession(name string) error {
	bad := func(format string, args ...any) error {
		return &Problem{Field: "session", Reason: fmt.Sprintf(format, args...)}
	}
	if name == "" {
		return bad("is empty")
	}
	if n := utf8.RuneCountInString(name); n > 54 {
		return bad("is %d characters long, want at most 54", n)
	}
	for _, c := range name {
		if c > unicode.MaxASCII || !isName(byte(c)) {
			return bad("has the character %U, want only letters, digits, '_' and '-'", c)
		}
	}
	return nil
}

// isControl says that a character has no place in a line of text: C0 and C1
// controls and DEL. U+200E, with which WhatsApp begins the names of its own
// lists, is not one.
func isControl(r rune) bool { return unicode.IsControl(r) }
