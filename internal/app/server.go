package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"golang.org/x/sync/errgroup"

	"tandai/internal/config"
	"tandai/internal/delivery"
	"tandai/internal/directory"
	"tandai/internal/feed"
	"tandai/internal/intake"
	"tandai/internal/label"
	"tandai/internal/pipeline"
	"tandai/internal/radar"
	"tandai/internal/reconcile"
	"tandai/internal/report"
	"tandai/internal/store"
	"tandai/internal/waha"
	"tandai/internal/waha/rest"
	"tandai/internal/web"
)

// Options are what a command knows beside the configuration.
type Options struct {
	Version        string
	InsecureNoHMAC bool                // serve the world without a signature key
	Ready          func(addr net.Addr) // called once the door is open; may be nil

	radarEvery time.Duration // between two looks of the radar; 0 = its own
}

// Server is a running Tandai.
type Server struct {
	cfg   *config.Config
	opt   Options
	log   *slog.Logger
	inbox *lateInbox
	store store.Store
	pipe  *pipeline.Pipeline
	relay *delivery.Service
	http  *http.Server
	feeds []*feed.Feed

	observers []func(pipeline.Observed)
	reconcile *reconcile.Service // nil where no WAHA can be asked
	directory *directory.Service // nil where no WAHA can be asked
	radar     *radar.Service     // nil where nobody wants it

	reopenEvery time.Duration // for an inbox that cannot be opened
	asked       chan struct{} // closed when the database was asked for the first time
}

// ErrNoKey: without a signature key anybody who reaches the door can write.
var ErrNoKey = errors.New("refusing to listen on an address that others can reach without a signature key: set waha.hmac_key (TANDAI_WAHA_HMAC_KEY) to the key WAHA signs with, or listen on 127.0.0.1, or say --insecure-no-hmac")

var errNotAsked = errors.New("the database has not been asked yet")

// NewServer wires a server; Run starts it. It fails only for what waiting cannot
// mend: a configuration that must not be served.
func NewServer(cfg *config.Config, opt Options, log *slog.Logger) (*Server, error) {
	var doors []intake.Server
	unsigned := 0
	for _, s := range cfg.AllServers() {
		var keys waha.Keys
		for _, k := range s.HMACKey.Reveal() {
			keys = append(keys, []byte(k))
		}
		if len(keys) == 0 {
			unsigned++
		}
		doors = append(doors, intake.Server{Name: s.Name, Keys: keys})
	}
	if unsigned > 0 && !cfg.Loopback() && !opt.InsecureNoHMAC {
		return nil, ErrNoKey
	}
	if err := checkFolder(filepath.Dir(InboxPath(cfg))); err != nil {
		return nil, err
	}
	db, err := OpenStore(cfg)
	if err != nil {
		return nil, err
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	s := &Server{cfg: cfg, opt: opt, log: log, inbox: newLateInbox(registry), store: db, reopenEvery: 3 * time.Second}
	s.relay = newDelivery(cfg, db.(store.Outbox), log, delivery.NewMetrics(registry))
	ignore := newIgnoreList(cfg)
	s.pipe = pipeline.New(pipeline.Config{
		Inbox: s.inbox, Store: db, Ignored: ignore.ignored, HasIgnored: ignore.has, Relay: relayOf(cfg, s.relay),
		Batch: cfg.Pipeline.Batch, MaxWait: cfg.Pipeline.RetryMax, Log: log, Metrics: pipeline.NewMetrics(registry),
		Observe: s.observe,
	})
	wahas, err := sharedServers(cfg, rest.NewMetrics(registry))
	if err != nil {
		return nil, err
	}
	if s.directory, err = newDirectory(cfg, wahas, db, registry, log); err != nil {
		return nil, err
	}
	if s.directory != nil {
		s.observers = append(s.observers, func(o pipeline.Observed) { s.directory.Observe(o.Inputs, o.Done) })
	}
	if s.reconcile, err = newReconciler(cfg, wahas, db, s.inbox, registry, log); err != nil {
		return nil, err
	}
	if s.reconcile != nil {
		s.observers = append(s.observers, watchSessions(s.reconcile))
	}
	s.pipe.DatabaseAway(errNotAsked)
	s.asked = make(chan struct{})
	door, err := intake.New(intake.Config{
		Servers: doors, Inbox: s.inbox, MaxInFlight: cfg.Intake.MaxInFlight, MaxBody: int64(cfg.Intake.MaxBodyBytes),
		ReadTimeout: cfg.Intake.ReadTimeout, Log: log, Registerer: registry, KeepHeaders: keepHeaders(cfg),
	})
	if err != nil {
		return nil, err
	}
	if s.feeds, err = newFeeds(cfg, s.inbox, registry, log, s.feedGap); err != nil {
		return nil, err
	}
	if s.radar, err = s.newRadar(wahas, db.(radarStore), registry, log); err != nil {
		return nil, err
	}
	if s.radar != nil {
		s.observers = append(s.observers, s.radar.Observe)
	}
	page := web.New(web.Config{
		Reports: report.New(report.Config{Store: db, Inbox: s.inbox, AwaySince: s.awaySince, Scale: scales(cfg), Choice: choices(cfg), Wings: s.wings()}),
		Log:     log, Zone: cfg.Timezone.Location(), Version: opt.Version, Signed: unsigned == 0,
	})
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", s.handleHealth)
	mux.HandleFunc("GET /readyz", s.handleReady)
	mux.Handle("GET /metrics", s.metrics(registry))
	mux.Handle("/", page)
	s.http = &http.Server{
		Handler: door.Wrap(mux), ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
		ReadTimeout:       cfg.Intake.ReadTimeout, // whatever the path: a body nobody reads is waited for as well
		ReadHeaderTimeout: cfg.Intake.ReadTimeout, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
	}
	return s, nil
}

func (s *Server) awaySince() int64 {
	if d := s.pipe.Database(); !d.Up {
		return d.Since.UnixMilli()
	}
	return 0
}

// scales gives reports the clients' grades as configured.
func scales(cfg *config.Config) func(string) report.Scale {
	return func(client string) report.Scale {
		if c := cfg.ClientNamed(client); c != nil && len(c.Grades) > 0 {
			return report.Scale{Grades: c.Grades, Won: c.Won, Lost: c.Lost}
		}
		return report.DefaultScale()
	}
}

// choices gives reports the labels that each client's are about.
func choices(cfg *config.Config) func(string) label.Choice {
	return func(client string) label.Choice {
		if c := cfg.ClientNamed(client); c != nil {
			return label.Choice{Allow: c.Labels.Allow, Deny: c.Labels.Deny}
		}
		return label.Choice{}
	}
}

// Run serves until ctx ends, then answers what is in flight, finishes the batch
// in hand and returns. The door opens first: neither database nor inbox need be
// there for WAHA to get an answer.
func (s *Server) Run(ctx context.Context) error {
	listener, err := net.Listen("tcp", s.cfg.Addr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w (is another Tandai running? use --addr for another port)", s.cfg.Addr, err)
	}
	s.log.InfoContext(ctx, "door is open", "addr", listener.Addr().String(), "data_dir", s.cfg.DataDir, "database", s.cfg.Database.String(), "version", s.opt.Version)
	for _, w := range s.cfg.Warnings() {
		s.log.WarnContext(ctx, "configuration", "warning", w)
	}
	defer s.store.Close()
	defer s.inbox.Close()
	s.openInbox(ctx)
	if s.opt.Ready != nil {
		s.opt.Ready(listener.Addr())
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		if err := s.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	g.Go(func() error {
		<-ctx.Done()
		s.log.InfoContext(ctx, "stopping: answering what is in flight")
		grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.cfg.ShutdownTimeout)
		defer cancel()
		if err := s.http.Shutdown(grace); err != nil {
			return errors.Join(fmt.Errorf("stop: %w", err), s.http.Close())
		}
		return nil
	})
	g.Go(func() error { s.work(ctx); return nil })
	g.Go(func() error { s.prune(ctx); return nil })
	g.Go(func() error { s.feed(ctx); return nil })
	err = g.Wait()
	s.log.InfoContext(ctx, "stopped")
	return err
}

// work brings the database up, then runs the pipeline and watches the database.
func (s *Server) work(ctx context.Context) {
	if !s.inbox.waitOpen(ctx, s.reopenEvery, func() { s.openInbox(ctx) }) {
		return
	}
	if !s.prepare(ctx) {
		return
	}
	var g errgroup.Group
	g.Go(func() error { return s.pipe.Run(ctx) })
	g.Go(func() error { s.watch(ctx); return nil })
	g.Go(func() error { return s.relay.Run(ctx) })
	if s.directory != nil {
		g.Go(func() error { return s.directory.Run(ctx) })
	}
	if s.reconcile != nil {
		g.Go(func() error { s.reconcile.Run(ctx); return nil })
	}
	if s.radar != nil {
		g.Go(func() error { return s.radar.Run(ctx) })
	}
	_ = g.Wait() // neither returns an error
}

// prepareOnce brings the database up to date, however long that takes, once it has
// answered at all, for which it has a few seconds.
func (s *Server) prepareOnce(ctx context.Context) (int, error) {
	ping, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := s.store.Ping(ping); err != nil {
		return 0, err
	}
	return Prepare(ctx, s.store, s.cfg)
}

// prepare waits for the database and brings it up to date.
func (s *Server) prepare(ctx context.Context) bool {
	wait := 200 * time.Millisecond
	for attempt := 1; ; attempt++ {
		steps, err := s.prepareOnce(ctx)
		if err == nil {
			s.pipe.DatabaseAnswers()
		} else {
			s.pipe.DatabaseAway(err)
		}
		if attempt == 1 {
			close(s.asked)
		}
		if err == nil {
			s.log.InfoContext(ctx, "database is ready", "engine", s.store.Describe(ctx), "migrations", steps)
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		s.log.ErrorContext(ctx, "database cannot be used: events are kept in the inbox until it can; `tandai doctor` explains", "attempt", attempt, "wait", wait, "err", err)
		select {
		case <-ctx.Done():
			return false
		case <-time.After(wait):
		}
		wait = min(2*wait, s.cfg.Pipeline.RetryMax)
	}
}

// prune lets go of old bodies, a little after the start and then every hour.
func (s *Server) prune(ctx context.Context) {
	wait := time.Minute
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		wait = time.Hour
		if n, err := s.inbox.Prune(ctx); err != nil {
			s.log.ErrorContext(ctx, "old bodies could not be removed from the inbox", "err", err)
		} else if n > 0 {
			s.log.InfoContext(ctx, "old bodies removed from the inbox", "bodies", n)
		}
	}
}
