package app

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"tandai/internal/config"
	"tandai/internal/connect"
	"tandai/internal/feed"
	"tandai/internal/reconcile"
)

// newFeeds makes a feed for every WAHA server that is read by websocket. gap is
// called after each gap of a server's feed, and must not block.
func newFeeds(cfg *config.Config, in feed.Inbox, r prometheus.Registerer, log *slog.Logger, gap func(server, reason string)) ([]*feed.Feed, error) {
	var feeds []*feed.Feed
	var metrics *feed.Metrics
	for i, s := range cfg.AllServers() {
		if s.Feed != "websocket" {
			continue
		}
		if metrics == nil { // who has no feed has no metrics of one
			metrics = feed.NewMetrics(r)
		}
		known := s.Name
		if i == 0 {
			known = ""
		}
		f, err := feed.New(feed.Config{
			Server: known, URL: s.URL, Key: s.APIKey.Reveal(), Events: connect.Events(s.Messages),
			Inbox: in, MaxFrame: int64(cfg.Intake.MaxBodyBytes), MaxHeld: max(64<<20, 4*int64(cfg.Intake.MaxBodyBytes)),
			Gap: func(reason string) { gap(known, reason) }, Log: log, Metrics: metrics,
		})
		if err != nil {
			return nil, err
		}
		feeds = append(feeds, f)
	}
	return feeds, nil
}

// feed runs the feeds until ctx ends.
func (s *Server) feed(ctx context.Context) {
	var g errgroup.Group
	for _, f := range s.feeds {
		g.Go(func() error { f.Run(ctx); return nil })
	}
	_ = g.Wait() // none returns an error
}

// feedGap has what a websocket may have missed read from WAHA.
func (s *Server) feedGap(server, reason string) {
	s.log.Info("websocket of WAHA may have missed events", "server", server, "reason", reason)
	s.reconcile.TriggerServer(server, reconcile.ReasonGap)
}

// feedState is one feed in /readyz.
type feedState struct {
	Server    string `json:"server"` // "" is the first
	State     string `json:"state"`  // connected | away
	Since     string `json:"since"`
	Error     string `json:"error,omitempty"`
	LastFrame string `json:"last_frame,omitempty"`
}

// feedStates tells how the feeds do; why one is away only to this machine.
func (s *Server) feedStates(local bool) []feedState {
	var list []feedState
	for _, f := range s.feeds {
		now := f.State()
		one := feedState{Server: f.Server(), State: "away", Since: now.Since.UTC().Format(time.RFC3339)}
		if now.Connected {
			one.State = "connected"
		}
		if local {
			one.Error = Mask(now.Err)
		}
		if !now.LastFrameAt.IsZero() {
			one.LastFrame = now.LastFrameAt.UTC().Format(time.RFC3339)
		}
		list = append(list, one)
	}
	return list
}
