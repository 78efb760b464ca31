package config

import (
	"fmt"
	"time"
)

// TimeOfDay is a time of the day, HH:MM.
type TimeOfDay string

// UnmarshalText reads HH:MM, 00:00 to 23:59.
func (t *TimeOfDay) UnmarshalText(text []byte) error {
	at, err := time.Parse("15:04", string(text))
	if err != nil {
		return fmt.Errorf("%s is no time of day; want HH:MM such as 03:30", show(string(text)))
	}
	*t = TimeOfDay(at.Format("15:04"))
	return nil
}

// MarshalText returns it as HH:MM.
func (t TimeOfDay) MarshalText() ([]byte, error) { return []byte(t), nil }

// String is HH:MM.
func (t TimeOfDay) String() string { return string(t) }

// SinceMidnight is how long after midnight it is, by the clock on the wall.
func (t TimeOfDay) SinceMidnight() time.Duration {
	at, err := time.Parse("15:04", string(t))
	if err != nil {
		return 0
	}
	return time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute
}
