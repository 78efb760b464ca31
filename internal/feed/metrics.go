package feed

import "github.com/prometheus/client_golang/prometheus"

// Metrics are those of all feeds, told apart by the label server ("" is the
// first).
type Metrics struct {
	frames      *prometheus.CounterVec
	connections *prometheus.CounterVec
	gaps        *prometheus.CounterVec
	connected   *prometheus.GaugeVec
	held        *prometheus.GaugeVec
}

// NewMetrics registers the metrics; r may be nil.
func NewMetrics(r prometheus.Registerer) *Metrics {
	m := &Metrics{
		frames:      prometheus.NewCounterVec(prometheus.CounterOpts{Name: "tandai_feed_frames_total", Help: "Frames of WAHA's websocket, by what became of them."}, []string{"server", "result"}),
		connections: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "tandai_feed_connections_total", Help: "Tries to connect to WAHA's websocket: opened, failed, or refused for the key."}, []string{"server", "result"}),
		gaps:        prometheus.NewCounterVec(prometheus.CounterOpts{Name: "tandai_feed_gaps_total", Help: "Times in which events may have been missed, by reason; each is followed by a reconciliation."}, []string{"server", "reason"}),
		connected:   prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "tandai_feed_connected", Help: "1 while WAHA's websocket is connected."}, []string{"server"}),
		held:        prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "tandai_feed_held_bytes", Help: "Bytes of frames that wait to be made durable."}, []string{"server"}),
	}
	if r != nil {
		r.MustRegister(m.frames, m.connections, m.gaps, m.connected, m.held)
	}
	return m
}

// known shows everything of a server as zero before it happens.
func (m *Metrics) known(server string) {
	for _, result := range []string{"stored", "known", "quarantined", "too_large", "refused", "stopped"} {
		m.frames.WithLabelValues(server, result)
	}
	for _, result := range []string{"opened", "failed", "refused"} {
		m.connections.WithLabelValues(server, result)
	}
	for _, reason := range []string{GapStart, GapReconnected, GapFrame} {
		m.gaps.WithLabelValues(server, reason)
	}
	m.connected.WithLabelValues(server)
	m.held.WithLabelValues(server)
}
