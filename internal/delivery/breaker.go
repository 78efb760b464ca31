package delivery

import (
	"net/http"
	"time"
)

// verdict is what an attempt says of its destination.
type verdict int

const (
	good    verdict = iota
	neutral         // the destination is there, and does not want this one
	bad
)

// judge tells what a status says; 0 is no answer at all. Of the 4xx only those
// count against the destination that would be answered to anything: a wrong
// address, a wrong key, too many.
func judge(status int) verdict {
	switch {
	case status >= 200 && status < 300:
		return good
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusNotFound, status == http.StatusGone,
		status == http.StatusProxyAuthRequired, status == http.StatusRequestTimeout, status == http.StatusTooManyRequests:
		return bad
	case status >= 400 && status < 500:
		return neutral
	}
	return bad
}

// breaker stops trying a destination that only fails: what waits keeps its
// attempts. While it is open one probe is made now and then.
type breaker struct {
	limit      int           // failures in a row that open it
	pause, max time.Duration // before the first probe, doubled up to max

	failures  int
	openedAt  time.Time // zero: closed
	openUntil time.Time
	probes    int // failed since it opened
	lastError string
}

func (b *breaker) open() bool { return !b.openedAt.IsZero() }

// hold keeps the probe of an open breaker until a destination wants to be asked
// again, and reports whether that is later than it was.
func (b *breaker) hold(until time.Time) bool {
	if !b.open() || !b.openUntil.Before(until) {
		return false
	}
	b.openUntil = until
	return true
}

// saw notes an attempt's verdict and reports whether the breaker changed.
func (b *breaker) saw(v verdict, now time.Time, why string) bool {
	switch {
	case v != bad && b.open():
		*b = breaker{limit: b.limit, pause: b.pause, max: b.max}
		return true
	case v == good:
		b.failures = 0
	case v == bad:
		b.failures++
	}
	if b.open() || v != bad || b.failures < b.limit {
		return false
	}
	b.openedAt, b.openUntil, b.probes, b.lastError = now, now.Add(b.pause), 0, why
	return true
}

// probed notes that the probe of an open breaker failed.
func (b *breaker) probed(now time.Time, why string) {
	b.probes++
	b.lastError = why
	b.openUntil = now.Add(min(b.pause<<min(b.probes, 20), b.max))
}
