package config

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a bare container has no time zones of its own
)

// Size is a number of bytes.
type Size int64

// Units of Size.
const (
	KiB Size = 1 << 10
	MiB Size = 1 << 20
	GiB Size = 1 << 30
	TiB Size = 1 << 40
)

// sizeUnits are tried in this order by String, so each step is a whole one.
var sizeUnits = []struct {
	name string
	size Size
}{{"TiB", TiB}, {"GiB", GiB}, {"MiB", MiB}, {"KiB", KiB}, {"TB", 1e12}, {"GB", 1e9}, {"MB", 1e6}, {"KB", 1e3}, {"B", 1}}

var sizeForm = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?) *([A-Za-z]*)$`)

// ParseSize reads "20GiB", "1.5 GB" or a plain number of bytes.
func ParseSize(text string) (Size, error) {
	m := sizeForm.FindStringSubmatch(text)
	if m == nil {
		return 0, fmt.Errorf("%s is no size; want a number that is not negative with KiB, MiB, GiB or TiB, such as 20GiB", show(text))
	}
	factor := Size(1)
	if m[2] != "" {
		factor = 0
		for _, u := range sizeUnits {
			if strings.EqualFold(u.name, m[2]) {
				factor = u.size
			}
		}
		if factor == 0 {
			return 0, fmt.Errorf("%s has the unit %s; want B, KiB, MiB, GiB or TiB (KB, MB, GB and TB count in thousands)", show(text), show(m[2]))
		}
	}
	if whole, err := strconv.ParseInt(m[1], 10, 64); err == nil && whole <= int64(math.MaxInt64/factor) {
		return Size(whole) * factor, nil
	}
	n, err := strconv.ParseFloat(m[1], 64)
	if err != nil || n*float64(factor) >= math.MaxInt64 {
		return 0, fmt.Errorf("%s is too large", show(text))
	}
	return Size(math.Round(n * float64(factor))), nil
}

// UnmarshalText reads what ParseSize reads.
func (s *Size) UnmarshalText(text []byte) (err error) {
	*s, err = ParseSize(string(text))
	return err
}

// MarshalText returns String.
func (s Size) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// String is exact: 5MiB, 1500B.
func (s Size) String() string {
	for _, u := range sizeUnits[:4] {
		if s != 0 && s%u.size == 0 {
			return strconv.FormatInt(int64(s/u.size), 10) + u.name
		}
	}
	return strconv.FormatInt(int64(s), 10) + "B"
}

var days = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?)d`)

// ParseDuration reads what time.ParseDuration reads, and days of 24 hours in
// front of it: "30d", "1d12h". It takes no negative ones.
func ParseDuration(text string) (time.Duration, error) {
	rest, whole := text, 0.0
	if m := days.FindStringSubmatch(text); m != nil {
		whole, _ = strconv.ParseFloat(m[1], 64) // the form has been checked
		rest = text[len(m[0]):]
	}
	var part time.Duration
	if rest != "" || text == "" {
		d, err := time.ParseDuration(rest)
		if err != nil || strings.HasPrefix(rest, "-") || strings.HasPrefix(rest, "+") {
			return 0, fmt.Errorf("%s is no duration; want a number that is not negative with its unit, such as 30d, 12h, 90s or 500ms", show(text))
		}
		part = d
	}
	whole *= 24 * float64(time.Hour)
	if whole+float64(part) >= math.MaxInt64 {
		if whole == 0 {
			return part, nil // the longest there is
		}
		return 0, fmt.Errorf("%s is too long", show(text))
	}
	return time.Duration(whole) + part, nil
}

// formatDuration writes what ParseDuration reads, whole days as such.
func formatDuration(d time.Duration) string {
	const day = 24 * time.Hour
	if d >= day && d%day == 0 {
		return strconv.FormatInt(int64(d/day), 10) + "d"
	}
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// Zone is a time zone of the IANA data base, which is built in. The zero value
// is not set and is UTC.
type Zone struct{ loc *time.Location }

// ParseZone reads an IANA name such as Asia/Jakarta.
func ParseZone(name string) (Zone, error) {
	// Both are names time.LoadLocation takes, and mean the machine's zone or
	// a forgotten value.
	if name == "" || name == "Local" {
		return Zone{}, fmt.Errorf("%s is no time zone; want an IANA name such as Asia/Jakarta", show(name))
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return Zone{}, fmt.Errorf("%s is no time zone; want an IANA name such as Asia/Jakarta, Asia/Makassar or UTC", show(name))
	}
	return Zone{loc: loc}, nil
}

func mustZone(name string) Zone {
	z, err := ParseZone(name)
	if err != nil {
		panic(err)
	}
	return z
}

// IsSet reports whether the zone was named.
func (z Zone) IsSet() bool { return z.loc != nil }

// Location returns the zone, UTC where it is not set.
func (z Zone) Location() *time.Location {
	if z.loc == nil {
		return time.UTC
	}
	return z.loc
}

// String returns the zone's name, "" where it is not set.
func (z Zone) String() string {
	if z.loc == nil {
		return ""
	}
	return z.loc.String()
}

// Equal compares names.
func (z Zone) Equal(other Zone) bool { return z.String() == other.String() }

// MarshalText returns String.
func (z Zone) MarshalText() ([]byte, error) { return []byte(z.String()), nil }

// UnmarshalText reads what ParseZone reads.
func (z *Zone) UnmarshalText(text []byte) (err error) {
	*z, err = ParseZone(string(text))
	return err
}

// show quotes a value for an error: cut where it is long, and without what
// stands before an @, which in a value that strayed here may be a password.
func show(text string) string {
	if i := strings.LastIndexByte(text, '@'); i >= 0 {
		text = "…" + text[i:]
	}
	const most = 60
	if r := []rune(text); len(r) > most {
		text = string(r[:most]) + "…"
	}
	return strconv.Quote(text)
}
