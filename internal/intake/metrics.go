package intake

import (
	"github.com/prometheus/client_golang/prometheus"
)

// metrics counts what the door does.
type metrics struct {
	answered [results]prometheus.Counter
	durable  prometheus.Histogram
}

func newMetrics(d *Door, r prometheus.Registerer) *metrics {
	requests := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "tandai_intake_requests_total",
		Help: "Requests at the webhook door, by result."}, []string{"result"})
	m := &metrics{durable: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "tandai_intake_durable_seconds",
		Help:    "From a body that is read and believed to its being durable.",
		Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}})}
	for i, name := range counted {
		m.answered[i] = requests.WithLabelValues(name)
	}
	if r != nil {
		r.MustRegister(requests, m.durable,
			prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "tandai_intake_requests_in_flight",
				Help: "Requests held at the webhook door right now."}, func() float64 { return float64(d.inFlight.Load()) }),
			prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "tandai_intake_held_bytes",
				Help: "Memory taken by the bodies of those requests."}, func() float64 { return float64(d.held.Load()) }))
	}
	return m
}
