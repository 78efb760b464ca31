package reconcile

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics of reconciliation. Counters are there, at zero, before anything happens.
type Metrics struct {
	reads    *prometheus.CounterVec
	repaired prometheus.Counter
	seen     prometheus.Counter
	seconds  prometheus.Histogram
	open     *prometheus.GaugeVec
	last     *prometheus.GaugeVec
}

// NewMetrics makes the metrics and registers them; nil registers nothing.
func NewMetrics(r prometheus.Registerer) *Metrics {
	m := &Metrics{
		reads: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tandai_reconcile_reads_total", Help: "Reads of a session's labels from WAHA, by whether they were complete.",
		}, []string{"result"}),
		repaired: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "tandai_reconcile_repaired_total", Help: "Label changes recorded that no webhook told.",
		}),
		seen: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "tandai_reconcile_differences_total", Help: "Differences seen in reads, those seen again included.",
		}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "tandai_reconcile_read_seconds", Help: "How long reading and comparing a session took.",
			Buckets: []float64{0.05, 0.2, 1, 5, 20, 60, 300, 1200},
		}),
		open: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "tandai_reconcile_open_differences", Help: "Differences of the last complete read that are not repaired.",
		}, []string{"session"}),
		last: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "tandai_reconcile_last_complete_seconds", Help: "When a session was last read completely, Unix seconds.",
		}, []string{"session"}),
	}
	for _, result := range []string{"complete", "incomplete"} {
		m.reads.WithLabelValues(result)
	}
	if r != nil {
		r.MustRegister(m.reads, m.repaired, m.seen, m.seconds, m.open, m.last)
	}
	return m
}

func (m *Metrics) read(res Result, err error, took time.Duration) {
	m.seconds.Observe(took.Seconds())
	if err != nil {
		m.reads.WithLabelValues("incomplete").Inc()
		return
	}
	whole := !has(res.Open, Unread)
	m.reads.WithLabelValues(map[bool]string{true: "complete", false: "incomplete"}[whole]).Inc()
	m.repaired.Add(float64(res.Repaired))
	m.seen.Add(float64(res.Differences))
	m.open.WithLabelValues(res.Session).Set(float64(res.ReadingRun.Open))
	if whole {
		m.last.WithLabelValues(res.Session).Set(float64(res.FinishedAt) / 1000)
	}
}
