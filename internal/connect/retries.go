package connect

import (
	"encoding/json"
	"fmt"
	"time"
)

// Retries is how WAHA goes on after a webhook was not answered 2xx. What is left
// out is WAHA's default.
type Retries struct {
	Policy       string   `json:"policy,omitempty"` // constant (the default), linear or exponential
	DelaySeconds *float64 `json:"delaySeconds,omitempty"`
	Attempts     *int     `json:"attempts,omitempty"`
}

// wantRetries are more than an hour: long enough for a restart, an upgrade and a
// disk that somebody has to make room on.
var wantRetries = json.RawMessage(`{"policy":"exponential","delaySeconds":2,"attempts":10}`)

// longEnough is the window of wantRetries.
const longEnough = 4092 * time.Second

// Window is for how long WAHA goes on trying, jitter left out. WAHA's exponent
// begins at 1, so that 2 s by ten attempts are 4, 8, … 2048 s, 4092 s in all.
// Source: WAHA, WebhookPlugin.sender.ts, and axios-retry.
func (r Retries) Window() time.Duration {
	delay, attempts := 2.0, 15
	if r.DelaySeconds != nil {
		delay = max(0, *r.DelaySeconds)
	}
	if r.Attempts != nil {
		attempts = max(0, *r.Attempts)
	}
	const most = 10 * 365 * 24 * 3600
	total := 0.0
	switch r.Policy {
	case "linear":
		total = delay * float64(attempts) * float64(attempts+1) / 2
	case "exponential":
		power := 1.0
		for range min(attempts, 60) {
			power *= 2
			total += delay * power
		}
	default:
		total = delay * float64(attempts)
	}
	return time.Duration(min(total, most) * float64(time.Second))
}

// String says it in words.
func (r Retries) String() string {
	delay, attempts, policy := 2.0, 15, r.Policy
	if r.DelaySeconds != nil {
		delay = *r.DelaySeconds
	}
	if r.Attempts != nil {
		attempts = *r.Attempts
	}
	if policy == "" {
		policy = "constant"
	}
	return fmt.Sprintf("%s, %g s × %d, %s in all", policy, delay, attempts, inWords(r.Window()))
}

func inWords(d time.Duration) string {
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	}
	return fmt.Sprintf("%d h", int(d.Hours()))
}
