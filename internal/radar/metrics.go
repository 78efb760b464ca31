package radar

import (
	"github.com/prometheus/client_golang/prometheus"

	"tandai/internal/store"
)

// Kinds are the kinds of alarms there are.
var Kinds = []store.AlarmKind{store.AlarmDeaf, store.AlarmSession, store.AlarmWAHA}

type metrics struct {
	open        *prometheus.GaugeVec   // by kind
	raised      *prometheus.CounterVec // by kind
	told        *prometheus.CounterVec // by result
	restarts    *prometheus.CounterVec // by result
	sessions    *prometheus.GaugeVec   // by state
	flushFailed prometheus.Counter
	lookFailed  prometheus.Counter
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		open:        prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "tandai_alarms_open", Help: "Alarms that are open, by kind."}, []string{"kind"}),
		raised:      prometheus.NewCounterVec(prometheus.CounterOpts{Name: "tandai_alarms_raised_total", Help: "Alarms this server raised, by kind."}, []string{"kind"}),
		told:        prometheus.NewCounterVec(prometheus.CounterOpts{Name: "tandai_alarms_told_total", Help: "Messages about alarms handed on for delivery, by result."}, []string{"result"}),
		restarts:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "tandai_radar_restarts_total", Help: "Deaf sessions restarted through WAHA, by result."}, []string{"result"}),
		sessions:    prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "tandai_radar_sessions", Help: "Sessions by whether their silence can be judged; on the server that watches."}, []string{"state"}),
		flushFailed: prometheus.NewCounter(prometheus.CounterOpts{Name: "tandai_radar_flush_failures_total", Help: "Times that counts could not be written; they are kept."}),
		lookFailed:  prometheus.NewCounter(prometheus.CounterOpts{Name: "tandai_radar_look_failures_total", Help: "Looks that the database did not allow."}),
	}
	for _, k := range Kinds {
		m.open.WithLabelValues(string(k))
		m.raised.WithLabelValues(string(k))
	}
	for _, result := range []string{"ok", "failed"} {
		m.told.WithLabelValues(result)
		m.restarts.WithLabelValues(result)
	}
	for _, state := range []State{Learning, Quiet, Ready} {
		m.sessions.WithLabelValues(string(state))
	}
	if r != nil {
		r.MustRegister(m.open, m.raised, m.told, m.restarts, m.sessions, m.flushFailed, m.lookFailed)
	}
	return m
}
