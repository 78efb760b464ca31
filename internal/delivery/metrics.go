package delivery

import (
	"github.com/prometheus/client_golang/prometheus"

	"tandai/internal/store"
)

// Metrics counts what is delivered. Destinations with a URL of their own count
// together, as "url".
type Metrics struct {
	attempts *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	delay    *prometheus.HistogramVec
	turn     prometheus.Histogram
	waiting  *prometheus.GaugeVec
	oldest   *prometheus.GaugeVec
	dead     *prometheus.GaugeVec
	open     *prometheus.GaugeVec
}

// NewMetrics registers the metrics; with a nil registry they are counted for
// nobody.
func NewMetrics(r prometheus.Registerer) *Metrics {
	by := []string{"destination"}
	gauge := func(name, help string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, by)
	}
	m := &Metrics{
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "tandai_deliveries_attempts_total", Help: "Attempts to deliver, by destination and outcome."}, []string{"destination", "outcome"}),
		seconds:  prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "tandai_deliveries_attempt_seconds", Help: "Time until a destination answered or failed to.", Buckets: prometheus.ExponentialBuckets(0.002, 2, 14)}, by),
		delay:    prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "tandai_deliveries_delay_seconds", Help: "Time from the outbox to a 2xx of the destination.", Buckets: prometheus.ExponentialBuckets(0.01, 2, 20)}, by),
		turn:     prometheus.NewHistogram(prometheus.HistogramOpts{Name: "tandai_deliveries_turn_seconds", Help: "Time of one round with the database.", Buckets: prometheus.ExponentialBuckets(0.001, 2, 14)}),
		waiting:  gauge("tandai_deliveries_waiting", "Deliveries that wait to be made."),
		oldest:   gauge("tandai_deliveries_oldest_seconds", "Age of the oldest delivery that waits."),
		dead:     gauge("tandai_deliveries_dead", "Dead letters: deliveries that were given up."),
		open:     gauge("tandai_deliveries_breaker_open", "1 while a destination only fails and is probed now and then."),
	}
	if r != nil {
		r.MustRegister(m.attempts, m.seconds, m.delay, m.turn, m.waiting, m.oldest, m.dead, m.open)
	}
	return m
}

const (
	outcomeDone   = "done"
	outcomeFailed = "failed"
	outcomeDead   = "dead"
)

func (m *Metrics) begin(destination string) {
	for _, o := range []string{outcomeDone, outcomeFailed, outcomeDead} {
		m.attempts.WithLabelValues(destination, o)
	}
	m.open.WithLabelValues(destination)
}

// counted shows what is in the outbox; now is Unix ms.
func (m *Metrics) counted(all []store.DestinationCount, now int64) {
	var urls store.DestinationCount
	urls.Name = urlLabel
	show := func(c store.DestinationCount) {
		age := 0.0
		if c.OldestAt != 0 {
			age = float64(now-c.OldestAt) / 1000
		}
		m.waiting.WithLabelValues(c.Name).Set(float64(c.Waiting))
		m.oldest.WithLabelValues(c.Name).Set(age)
		m.dead.WithLabelValues(c.Name).Set(float64(c.Dead))
		if c.OpenedAt != 0 {
			m.open.WithLabelValues(c.Name).Set(1)
		} else {
			m.open.WithLabelValues(c.Name).Set(0)
		}
	}
	any := false
	for _, c := range all {
		if !c.URL {
			show(c)
			continue
		}
		any = true
		urls.Waiting += c.Waiting
		urls.Dead += c.Dead
		if c.OldestAt != 0 && (urls.OldestAt == 0 || c.OldestAt < urls.OldestAt) {
			urls.OldestAt = c.OldestAt
		}
		urls.OpenedAt = max(urls.OpenedAt, c.OpenedAt)
	}
	if any {
		show(urls)
	}
}

const urlLabel = "url"
