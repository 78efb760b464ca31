package wahasim

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// Policy is how the waits between attempts grow.
type Policy string

const (
	Constant    Policy = "constant"    // d, d, d, … ; WAHA's default
	Linear      Policy = "linear"      // d, 2d, 3d, …
	Exponential Policy = "exponential" // 2d, 4d, 8d, … each with up to 20 % on top
)

// Retries is the retries object of a WAHA webhook. The zero value is WAHA's
// default: 15 more attempts, 2 s apart.
// Source: WAHA, WebhookSender.ts; observed on a real server.
type Retries struct {
	Policy   Policy        // Constant when empty
	Delay    time.Duration // 2 s when 0; negative = none (delaySeconds: 0)
	Attempts int           // after the first; 15 when 0; negative = none (attempts: 0)
}

const (
	defaultDelay    = 2 * time.Second
	defaultAttempts = 15
)

func (r Retries) normalised() (Retries, error) {
	switch r.Policy {
	case "":
		r.Policy = Constant
	case Constant, Linear, Exponential:
	default:
		return r, fmt.Errorf("unknown retry policy %q", r.Policy)
	}
	switch {
	case r.Delay == 0:
		r.Delay = defaultDelay
	case r.Delay < 0:
		r.Delay = 0
	}
	switch {
	case r.Attempts == 0:
		r.Attempts = defaultAttempts
	case r.Attempts < 0:
		r.Attempts = 0
	}
	return r, nil
}

// wait is the time before retry n, counted from 1. after is what the receiver
// asked for with Retry-After, a floor under every policy.
func (r Retries) wait(n int, after time.Duration, jitter *rand.Rand) time.Duration {
	switch {
	case r.Delay == 0:
		return after
	case r.Policy == Linear:
		return max(time.Duration(n)*r.Delay, after)
	case r.Policy == Exponential:
		d := max(r.Delay<<min(n, 32), after)
		return d + time.Duration(0.2*jitter.Float64()*float64(d))
	default:
		return max(r.Delay, after)
	}
}

// retryAfter reads the header as axios-retry does: seconds, else a date.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := h.Get("Retry-After")
	if v == "" {
		return 0
	}
	if s, err := strconv.ParseFloat(v, 64); err == nil {
		return max(0, time.Duration(s*float64(time.Second)))
	}
	if t, err := http.ParseTime(v); err == nil {
		return max(0, t.Sub(now))
	}
	return 0
}
