package delivery

import (
	"net/http"
	"strconv"
	"time"
)

// Schedule is how long after a failed attempt the next is made: after the first,
// the second, and so on. Behind its end there is none. Source: mox, queue/hook.go.
var Schedule = []time.Duration{
	1 * time.Minute, 2 * time.Minute, 4 * time.Minute, 7*time.Minute + 30*time.Second, 15 * time.Minute, 30 * time.Minute,
	1 * time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour, 16 * time.Hour,
}

const (
	// jitter spreads what failed at once: pauses are longer or shorter by up to this much.
	jitter = 0.1
	// maxRetryAfter bounds what a destination may ask for.
	maxRetryAfter = 24 * time.Hour
	// maxHold bounds how long all that goes to a destination waits because it
	// asked to for one.
	maxHold = time.Hour
	// A destination that asks for less than the schedule has it for so many
	// attempts: it may ask for less than it needs for ever.
	promptAttempts = 2
	minRetryAfter  = time.Second
)

// pauseAfter is how long to wait after the n-th attempt failed: after the first
// two what the destination asked for, after the others at least that; false when
// that was the last. random is in [0, 1).
func pauseAfter(schedule []time.Duration, n int, asked time.Duration, random float64) (time.Duration, bool) {
	if n > len(schedule) {
		return 0, false
	}
	if asked > 0 && n <= promptAttempts {
		return min(max(asked, minRetryAfter), maxRetryAfter), true
	}
	pause := float64(schedule[n-1]) * (1 + jitter*(2*random-1))
	return max(time.Duration(pause), min(asked, maxRetryAfter)), true
}

// retryAfter reads the header: seconds, or a time. 0 where there is none, or
// nothing that makes sense. Source: RFC 9110, section 10.2.3.
func retryAfter(h http.Header, now time.Time) time.Duration {
	text := h.Get("Retry-After")
	if seconds, err := strconv.ParseInt(text, 10, 32); err == nil {
		return max(0, time.Duration(seconds)*time.Second)
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(0, at.Sub(now))
	}
	return 0
}
