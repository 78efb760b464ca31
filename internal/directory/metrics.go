package directory

import "github.com/prometheus/client_golang/prometheus"

// Metrics count look-ups.
type Metrics struct {
	lookups *prometheus.CounterVec
	gaveUp  prometheus.Counter
	trouble *prometheus.GaugeVec
}

// NewMetrics makes the counters, at zero, and registers them; nil = they are only
// counted.
func NewMetrics(r prometheus.Registerer) *Metrics {
	m := &Metrics{
		lookups: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tandai_lookups_total",
			Help: "Questions WAHA was asked, by what about (lid, lids: hidden ids; labels) and what came of it.",
		}, []string{"about", "result"}),
		gaveUp: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "tandai_lookups_given_up_total", Help: "Hidden ids that WAHA did not know for 30 days.",
		}),
	}
	m.trouble = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "tandai_lookups_troubled_sessions", Help: "Sessions that WAHA cannot be asked about now, by why.",
	}, []string{"trouble"})
	for kind := range kinds {
		m.trouble.WithLabelValues(kind)
	}
	for _, result := range []string{"found", "unknown"} {
		m.lookups.WithLabelValues("lid", result)
	}
	m.lookups.WithLabelValues("labels", "read")
	for _, about := range []string{"lid", "lids", "labels"} {
		m.lookups.WithLabelValues(about, "failed")
	}
	if r != nil {
		r.MustRegister(m.lookups, m.gaveUp, m.trouble)
	}
	return m
}

func (m *Metrics) hidden(found, not int) {
	m.lookups.WithLabelValues("lid", "found").Add(float64(found))
	m.lookups.WithLabelValues("lid", "unknown").Add(float64(not))
}

func (m *Metrics) labels() { m.lookups.WithLabelValues("labels", "read").Inc() }

func (m *Metrics) troubled(before, after *Trouble) {
	if before != nil {
		m.trouble.WithLabelValues(before.Kind).Dec()
	}
	if after != nil {
		m.trouble.WithLabelValues(after.Kind).Inc()
	}
}

func (m *Metrics) failed(about string) { m.lookups.WithLabelValues(about, "failed").Inc() }
