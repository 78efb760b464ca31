package rest

import (
	"context"
	"errors"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics counts what is asked of WAHA. All clients of a program share one.
type Metrics struct {
	requests [len(results)]prometheus.Counter
	seconds  prometheus.Histogram
}

// results are how a call can end.
var results = [...]string{"ok", "unauthorized", "forbidden", "not_found", "not_working", "invalid", "server", "unreachable", "given_up"}

// NewMetrics registers the counters, at zero, with r.
func NewMetrics(r prometheus.Registerer) *Metrics {
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "tandai_waha_requests_total",
		Help: "Requests to WAHA's REST interface, by result."}, []string{"result"})
	m := &Metrics{seconds: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "tandai_waha_request_seconds",
		Help:    "How long WAHA took to answer, or not to.",
		Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 20, 30, 60}})}
	for i, name := range results {
		m.requests[i] = requests.WithLabelValues(name)
	}
	r.MustRegister(requests, m.seconds)
	return m
}

// count notes how one request ended, after so many seconds. A nil m counts nothing.
func (m *Metrics) count(err error, seconds float64) {
	if m == nil {
		return
	}
	m.seconds.Observe(seconds)
	m.requests[resultOf(err)].Inc()
}

// resultOf is the place in results.
func resultOf(err error) int {
	if err == nil {
		return 0
	}
	for i, kind := range []error{ErrUnauthorized, ErrForbidden, ErrNotFound, ErrNotWorking, ErrInvalid, ErrServer, ErrUnreachable} {
		if errors.Is(err, kind) {
			return i + 1
		}
	}
	if errors.Is(err, context.Canceled) {
		return len(results) - 1
	}
	return 6 // server: what cannot be told apart
}
