package app

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"tandai/internal/config"
	"tandai/internal/delivery"
	"tandai/internal/radar"
	"tandai/internal/report"
	"tandai/internal/store"
)

// radarStore is the database as the radar uses it.
type radarStore interface {
	store.RadarStore
	SessionList(ctx context.Context) ([]store.SessionInfo, error)
}

// newRadar makes what watches the numbers; nil where nobody wants it.
func (s *Server) newRadar(wahas []wahaServer, db radarStore, r prometheus.Registerer, log *slog.Logger) (*radar.Service, error) {
	cfg := s.cfg
	if !cfg.Radar.Enabled {
		return nil, nil
	}
	c := radar.Config{
		Store: db, Zone: cfg.Location, Calendar: radarCalendar(cfg), Budget: float64(cfg.Radar.FalseAlarms),
		SessionGrace: cfg.Radar.SessionGrace, WAHAGrace: cfg.Radar.WAHAGrace,
		Ignored:  func(session string) bool { return slices.Contains(cfg.Radar.Ignore, session) },
		Restart:  radar.Restart{Enabled: cfg.Radar.Restart, PerDay: cfg.Radar.RestartsPerDay, Pause: cfg.Radar.RestartPause},
		Recorded: s.recordedUntil, Every: s.opt.radarEvery, Log: log, Registerer: r,
	}
	for _, w := range wahas {
		host := radar.Server{Name: w.Name}
		if w.known != "" {
			host.Prefix = w.known + "."
		}
		if w.URL != "" {
			client, err := w.client()
			if err != nil {
				return nil, err
			}
			host.API = client
		}
		for _, f := range s.feeds {
			if f.Server() == w.known {
				host.Connected = func() bool { return f.State().Connected }
			}
		}
		c.Servers = append(c.Servers, host)
	}
	if s.reconcile != nil {
		c.Trigger, c.Reconcile = s.reconcile.Trigger, s.reconcile.Compare
		if truth, ok := db.(recoveryStore); ok {
			c.Reconcile = (&recovery{
				compare: s.reconcile.Compare, store: truth, since: time.Now().UnixMilli(), counted: map[string]map[string]bool{},
				log: func(ctx context.Context, err error) {
					log.WarnContext(ctx, "labels recovered by other reads are not counted", "err", err)
				},
			}).Compare
		}
	}
	if cfg.Alarms.Webhook.URL != "" {
		c.Notify = s.sendAlarm
	}
	return radar.New(c), nil
}

// hearing tells the system page how the numbers are judged.
func (s *Server) hearing() []report.Hearing {
	var all []report.Hearing
	for _, h := range s.radar.Hearing() {
		r := report.Hearing{Session: h.Session, LastAt: h.LastAt, AlarmAt: h.AlarmAt}
		switch {
		case h.Deaf:
			r.State = report.Deaf
		case h.State == radar.Ready:
			r.State = report.Hears
		case h.State == radar.Quiet:
			r.State = report.TooQuiet
		default:
			r.State = report.Learning
		}
		all = append(all, r)
	}
	return all
}

// sendAlarm puts a message about an alarm into the outbox.
func (s *Server) sendAlarm(ctx context.Context, m radar.Message) error {
	return s.relay.Enqueue(ctx, delivery.Effect{
		Key: "alarm " + m.ID, Session: m.Session, Event: m.Event, At: m.At, Body: m.Body,
		Headers: map[string]string{"User-Agent": "Tandai"}, Destination: config.AlarmDestination,
	})
}

// alarmDestination is alarms.webhook as the outbox sends to it. Nothing of WAHA's is
// relayed there.
func alarmDestination(cfg *config.Config) []delivery.Destination {
	w := cfg.Alarms.Webhook
	if w.URL == "" {
		return nil
	}
	return []delivery.Destination{{Name: config.AlarmDestination, URL: w.URL, Key: []byte(w.Key.Reveal()), Events: []string{"alarm"}}}
}

func radarCalendar(cfg *config.Config) radar.Calendar {
	cal := radar.Calendar{Indonesia: cfg.Radar.Holidays == "indonesia", Days: map[string]bool{}}
	for _, day := range cfg.Radar.DaysOff {
		cal.Days[day] = true
	}
	return cal
}

// recordedUntil is until when everything that came in is recorded, Unix ms; 0 while
// the door cannot take anything.
func (s *Server) recordedUntil(ctx context.Context) int64 {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	now := time.Now().UnixMilli()
	if s.inbox.Health(ctx) != nil {
		return 0
	}
	stats, err := s.inbox.Stats(ctx)
	switch {
	case err != nil:
		return 0
	case stats.OldestWaitingAt != 0:
		return min(now, stats.OldestWaitingAt)
	}
	return now
}
