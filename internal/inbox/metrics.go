package inbox

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are the inbox's own numbers; the registry reads those of Stats when
// it is scraped.
type metrics struct {
	commits *prometheus.CounterVec
	seconds prometheus.Histogram
	group   prometheus.Histogram
	removed prometheus.Counter
}

func newMetrics() *metrics {
	m := &metrics{
		commits: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "tandai_inbox_commits_total",
			Help: "Transactions of the inbox, by result."}, []string{"result"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "tandai_inbox_commit_seconds",
			Help:    "From the beginning of a transaction of the inbox to its fsync.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5}}),
		group: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "tandai_inbox_commit_requests",
			Help:    "Requests that shared one transaction of the inbox.",
			Buckets: []float64{1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024}}),
		removed: prometheus.NewCounter(prometheus.CounterOpts{Name: "tandai_inbox_pruned_bodies_total",
			Help: "Raw bodies removed because they were kept long enough."}),
	}
	for _, result := range []string{"committed", "failed"} {
		m.commits.WithLabelValues(result)
	}
	return m
}

func (m *metrics) committed(requests int, took time.Duration, err error) {
	if err != nil {
		m.commits.WithLabelValues("failed").Inc()
		return
	}
	m.commits.WithLabelValues("committed").Inc()
	m.seconds.Observe(took.Seconds())
	m.group.Observe(float64(requests))
}

func (m *metrics) pruned(n int64) { m.removed.Add(float64(n)) }

var (
	bodiesDesc = prometheus.NewDesc("tandai_inbox_bodies",
		"Bodies ever received, by what they are now; pruned ones stay what they were.", []string{"state", "reason"}, nil)
	oldestDesc = prometheus.NewDesc("tandai_inbox_oldest_waiting_seconds",
		"Age of the oldest body that is not dealt with.", nil, nil)
	usedDesc = prometheus.NewDesc("tandai_inbox_used_bytes",
		"Disk used by the inbox: pages in use and the write-ahead log.", nil, nil)
	limitDesc = prometheus.NewDesc("tandai_inbox_limit_bytes",
		"Size from which the inbox refuses; 0 is none.", nil, nil)
	freeDesc = prometheus.NewDesc("tandai_inbox_disk_free_bytes",
		"Free on the inbox's file system; -1 is unknown.", nil, nil)
)

// Describe and Collect make the Inbox a prometheus.Collector of all it has.
func (b *Inbox) Describe(ch chan<- *prometheus.Desc) {
	for _, c := range b.metrics.all() {
		c.Describe(ch)
	}
	for _, d := range []*prometheus.Desc{bodiesDesc, oldestDesc, usedDesc, limitDesc, freeDesc} {
		ch <- d
	}
}

func (m *metrics) all() []prometheus.Collector {
	return []prometheus.Collector{m.commits, m.seconds, m.group, m.removed}
}

// Collect reads Stats; while the file cannot be read it leaves those out.
func (b *Inbox) Collect(ch chan<- prometheus.Metric) {
	for _, c := range b.metrics.all() {
		c.Collect(ch)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	s, err := b.Stats(ctx)
	if err != nil {
		return
	}
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	gauge(bodiesDesc, float64(s.Waiting), "waiting", "")
	gauge(bodiesDesc, float64(s.Done), "done", "")
	gauge(bodiesDesc, float64(s.Quarantined), "quarantined", "")
	for reason, n := range s.Skipped {
		gauge(bodiesDesc, float64(n), "skipped", reason)
	}
	gauge(oldestDesc, s.OldestWaitingAge.Seconds())
	gauge(usedDesc, float64(s.Space.UsedBytes))
	gauge(limitDesc, float64(s.Space.LimitBytes))
	gauge(freeDesc, float64(s.Space.FreeBytes))
}
