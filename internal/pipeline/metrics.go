package pipeline

import (
	"github.com/prometheus/client_golang/prometheus"

	"tandai/internal/inbox"
	"tandai/internal/store"
)

// Metrics counts what the pipeline does.
type Metrics struct {
	events      *prometheus.CounterVec // by outcome
	skipped     *prometheus.CounterVec // by reason
	rows        prometheus.Counter
	filled      prometheus.Counter
	retries     prometheus.Counter
	healed      prometheus.Counter
	up          prometheus.Gauge
	batchSecond prometheus.Histogram
}

// NewMetrics registers the pipeline's metrics; with a nil registry they are
// counted for nobody.
func NewMetrics(r prometheus.Registerer) *Metrics {
	m := &Metrics{
		events:      prometheus.NewCounterVec(prometheus.CounterOpts{Name: "tandai_pipeline_deliveries_total", Help: "Deliveries that left the pipeline, by outcome."}, []string{"outcome"}),
		skipped:     prometheus.NewCounterVec(prometheus.CounterOpts{Name: "tandai_pipeline_skipped_total", Help: "Deliveries skipped, by reason."}, []string{"reason"}),
		rows:        prometheus.NewCounter(prometheus.CounterOpts{Name: "tandai_log_rows_total", Help: "Rows added to label_events."}),
		filled:      prometheus.NewCounter(prometheus.CounterOpts{Name: "tandai_log_rows_filled_total", Help: "Rows whose name, phone or number became known later."}),
		retries:     prometheus.NewCounter(prometheus.CounterOpts{Name: "tandai_pipeline_retries_total", Help: "Batches tried again because database or inbox was away."}),
		healed:      prometheus.NewCounter(prometheus.CounterOpts{Name: "tandai_pipeline_healed_total", Help: "Events the database had lost and that were recorded again."}),
		up:          prometheus.NewGauge(prometheus.GaugeOpts{Name: "tandai_database_up", Help: "1 while the database answers, 0 while it is away."}),
		batchSecond: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "tandai_pipeline_batch_seconds", Help: "Time to record one batch.", Buckets: prometheus.ExponentialBuckets(0.002, 2, 12)}),
	}
	for _, outcome := range []string{"recorded", "skipped", "quarantined"} {
		m.events.WithLabelValues(outcome)
	}
	for _, reason := range []string{SkipGroup, SkipBroadcast, SkipNewsletter, SkipOtherChat, SkipIgnored, SkipUnknown, SkipUnused} {
		m.skipped.WithLabelValues(reason)
	}
	m.up.Set(1)
	if r != nil {
		r.MustRegister(m.events, m.skipped, m.rows, m.filled, m.retries, m.healed, m.up, m.batchSecond)
	}
	return m
}

func (m *Metrics) recorded(done store.Recorded) {
	m.rows.Add(float64(done.Events))
	m.filled.Add(float64(done.Filled))
}

func (m *Metrics) settled(outcomes []inbox.Outcome) {
	for _, o := range outcomes {
		switch o.State {
		case inbox.Skipped:
			m.events.WithLabelValues("skipped").Inc()
			m.skipped.WithLabelValues(o.Reason).Inc()
		case inbox.Quarantined:
			m.events.WithLabelValues("quarantined").Inc()
		default:
			m.events.WithLabelValues("recorded").Inc()
		}
	}
}
