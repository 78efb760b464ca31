package radar

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"tandai/internal/pipeline"
	"tandai/internal/store"
	"tandai/internal/waha/rest"
)

// Store is the database as the radar needs it.
type Store interface {
	store.RadarStore
	SessionList(ctx context.Context) ([]store.SessionInfo, error)
}

// WAHA is what the radar asks a WAHA server. *rest.Client satisfies it.
type WAHA interface {
	Ping(ctx context.Context) error
	ServerStatus(ctx context.Context) (rest.ServerStatus, error)
	Sessions(ctx context.Context) ([]rest.Session, error)
	Session(ctx context.Context, name string) (rest.Session, error)
	RestartSession(ctx context.Context, name string) error
}

// Server is one WAHA server.
type Server struct {
	Name   string // as configured; "" for the one without
	Prefix string // of its sessions' names here: "" of the first, else "name."
	API    WAHA   // nil: nothing is asked
	// Connected tells whether its events can come in, where Tandai fetches them by
	// websocket. nil = it sends them.
	Connected func() bool
}

// Restart says whether deaf sessions are restarted through WAHA.
type Restart struct {
	Enabled bool
	PerDay  int           // of one session, at most
	Pause   time.Duration // between two of one session, at least
}

// Config makes a Service. Store must be set.
type Config struct {
	Store    Store
	Servers  []Server // the first is whose sessions have no prefix
	Zone     func(session string) *time.Location
	Calendar Calendar
	Budget   float64 // false alarms a month and number; 0 = 1

	SessionGrace time.Duration // how long a session may be not WORKING; 0 = 5 min
	WAHAGrace    time.Duration // how long WAHA may not answer; 0 = 2 min
	Ignored      func(session string) bool
	Restart      Restart

	// Recorded is until when everything that came in is recorded, Unix ms; 0 while
	// nothing can come in. nil = it always can.
	Recorded func(ctx context.Context) int64
	// Trigger has a session compared with WAHA and does not wait. May be nil.
	Trigger func(session, reason string)
	// Reconcile has a session compared with WAHA and returns how many labels were
	// repaired. It may take minutes. nil = Trigger alone.
	Reconcile func(ctx context.Context, session, reason string) (recovered int, err error)
	// Notify hands a message on for delivery; it is durable when it returns nil. It
	// may be called twice with one Message.ID. nil = nobody is told.
	Notify func(ctx context.Context, m Message) error

	Now        func() time.Time
	Log        *slog.Logger
	Registerer prometheus.Registerer

	Every time.Duration // between two looks; 0 = 1 min

	poll time.Duration // how often a session that was restarted is asked
}

// Service watches. Of several servers on one database one watches at a time; all
// count.
type Service struct {
	cfg     Config
	counter *counter
	metrics *metrics
	owner   string
	listen  listener

	// Of the watching loop alone.
	holds    bool
	known    knowledge
	troubles map[alarmKey]*trouble
	hosts    []*host
	learntAt map[string]int64
	prunedAt int64

	mu      sync.Mutex
	alarms  map[string]store.Alarm // of a quarter, by id
	open    map[alarmKey]string    // the ids of open ones
	acting  map[string]bool        // sessions that are being restarted
	hearing []Hearing
	acts    sync.WaitGroup

	stopping chan struct{} // closed when Run ends
}

// New makes a Service; Run starts it.
func New(cfg Config) *Service {
	cfg.Budget = cmp.Or(cfg.Budget, 1)
	cfg.SessionGrace = cmp.Or(cfg.SessionGrace, 5*time.Minute)
	cfg.WAHAGrace = cmp.Or(cfg.WAHAGrace, 2*time.Minute)
	cfg.Every = cmp.Or(cfg.Every, time.Minute)
	cfg.poll = cmp.Or(cfg.poll, 5*time.Second)
	if cfg.Zone == nil {
		cfg.Zone = func(string) *time.Location { return time.UTC }
	}
	if cfg.Ignored == nil {
		cfg.Ignored = func(string) bool { return false }
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Recorded == nil {
		cfg.Recorded = func(context.Context) int64 { return cfg.Now().UnixMilli() }
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := &Service{
		cfg: cfg, counter: newCounter(), metrics: newMetrics(cfg.Registerer), owner: newID(),
		troubles: map[alarmKey]*trouble{}, alarms: map[string]store.Alarm{}, open: map[alarmKey]string{}, acting: map[string]bool{}, learntAt: map[string]int64{},
		stopping: make(chan struct{}),
	}
	for _, server := range cfg.Servers {
		s.hosts = append(s.hosts, &host{Server: server, away: Hours{}})
	}
	return s
}

func newID() string {
	var raw [16]byte
	_, _ = rand.Read(raw[:]) // never fails: crypto/rand
	return hex.EncodeToString(raw[:])
}

// Observe counts a recorded batch. It does not block.
func (s *Service) Observe(o pipeline.Observed) { s.counter.observe(o.Arrivals) }

const (
	flushEvery = 5 * time.Second
	leaseName  = "radar"
	leaseTime  = 150 * time.Second // longer than two looks
	keepCounts = 366 * 24 * time.Hour
	// lastWords is how long counts may take to be written when the service ends.
	lastWords = 5 * time.Second
)

// background runs what goes on after a look, until Run ends.
func (s *Service) background(do func(context.Context)) {
	s.acts.Go(func() {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		go func() {
			select {
			case <-s.stopping:
				cancel()
			case <-ctx.Done():
			}
		}()
		do(ctx)
	})
}

// Run counts and watches until ctx ends, then writes what it has counted. It may be
// called once.
func (s *Service) Run(ctx context.Context) error {
	var g errgroup.Group
	g.Go(func() error {
		every(ctx, flushEvery, func() { s.beat(ctx) })
		return nil
	})
	g.Go(func() error {
		every(ctx, s.cfg.Every, func() { s.look(ctx) })
		return nil
	})
	_ = g.Wait() // neither returns an error
	close(s.stopping)
	s.acts.Wait()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer cancel()
	s.flush(last)
	if s.holds {
		now := s.now()
		if _, err := s.cfg.Store.TakeLease(last, leaseName, s.owner, now, now); err != nil {
			s.cfg.Log.DebugContext(last, "radar's lease was not given back", "err", err)
		}
	}
	return nil
}

func every(ctx context.Context, pause time.Duration, do func()) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		do()
	}
}

func (s *Service) now() int64 { return s.cfg.Now().UnixMilli() }

// beat notes what was listened to, and writes the counts.
func (s *Service) beat(ctx context.Context) {
	if from, to := s.listen.beat(s.now(), s.cfg.Recorded(ctx)); to > from {
		s.counter.listened(from, to)
	}
	s.flush(ctx)
}

func (s *Service) flush(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	if err := s.counter.flush(ctx, s.cfg.Store); err != nil && ctx.Err() == nil {
		s.metrics.flushFailed.Inc()
		s.cfg.Log.DebugContext(ctx, "counts are kept in memory: the database does not take them", "err", err)
	}
}

// look is one look at everything.
func (s *Service) look(ctx context.Context) {
	if err := s.lookOnce(ctx); err != nil && ctx.Err() == nil {
		s.metrics.lookFailed.Inc()
		s.cfg.Log.WarnContext(ctx, "radar could not look, will again in a minute", "err", err)
	}
}

func (s *Service) lookOnce(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	now := s.now()
	holds, err := s.cfg.Store.TakeLease(ctx, leaseName, s.owner, now, now+leaseTime.Milliseconds())
	if err != nil {
		return err
	}
	if s.holds && !holds {
		s.cfg.Log.InfoContext(ctx, "another server watches the numbers now")
	}
	if !holds {
		s.mu.Lock()
		s.hearing = nil
		s.mu.Unlock()
	}
	if holds != s.holds { // what was seen before somebody else watched says nothing any more
		s.known, s.troubles, s.learntAt = knowledge{}, map[alarmKey]*trouble{}, map[string]int64{}
	}
	s.holds = holds
	if err := s.readAlarms(ctx); err != nil || !holds {
		return err
	}
	s.flush(ctx)
	if err := s.known.read(ctx, s.cfg.Store, now); err != nil {
		return err
	}
	sessions, err := s.cfg.Store.SessionList(ctx)
	if err != nil {
		return err
	}
	s.askHosts(ctx, now)
	s.judge(ctx, now, sessions)
	s.tell(ctx, now)
	return s.prune(ctx, now)
}

func (s *Service) prune(ctx context.Context, now int64) error {
	if now-s.prunedAt < 24*hourMs {
		return nil
	}
	s.prunedAt = now
	n, err := s.cfg.Store.PruneActivity(ctx, (now-keepCounts.Milliseconds())/hourMs)
	if err == nil && n > 0 {
		s.cfg.Log.InfoContext(ctx, "old counts removed", "rows", n)
	}
	return err
}
