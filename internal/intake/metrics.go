package intake

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	deliveries map[string]prometheus.Counter // by result
	rejected   *prometheus.CounterVec        // by code
	inFlight   prometheus.Gauge
	seconds    prometheus.Histogram
}

func newMetrics(r prometheus.Registerer) *metrics {
	deliveries := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "tandai_intake_deliveries_total", Help: "Deliveries answered, by result."}, []string{"result"})
	m := &metrics{
		deliveries: map[string]prometheus.Counter{},
		rejected:   prometheus.NewCounterVec(prometheus.CounterOpts{Name: "tandai_intake_rejected_total", Help: "Deliveries not taken, by status code."}, []string{"code"}),
		inFlight:   prometheus.NewGauge(prometheus.GaugeOpts{Name: "tandai_intake_in_flight", Help: "Deliveries held in memory now."}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "tandai_intake_seconds", Help: "Time from a request to its durable answer.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 2, 14)}),
	}
	for _, result := range []string{resultStored, resultKnown, resultQuarantined, resultRejected, resultUnavailable} {
		m.deliveries[result] = deliveries.WithLabelValues(result)
	}
	for _, code := range []int{http.StatusUnauthorized, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusRequestTimeout,
		http.StatusRequestEntityTooLarge, http.StatusServiceUnavailable} {
		m.rejected.WithLabelValues(strconv.Itoa(code))
	}
	if r != nil {
		r.MustRegister(deliveries, m.rejected, m.inFlight, m.seconds)
	}
	return m
}

func (m *metrics) answered(a answer, took time.Duration) {
	m.deliveries[a.Result].Inc()
	if a.code != http.StatusOK {
		m.rejected.WithLabelValues(strconv.Itoa(a.code)).Inc()
		return
	}
	m.seconds.Observe(took.Seconds())
}
