package directory

import (
	"cmp"
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"tandai/internal/store"
	"tandai/internal/waha/rest"
)

// WAHA is what is asked of one WAHA server. *rest.Client satisfies it. Sessions are
// named as WAHA names them.
type WAHA interface {
	Labels(ctx context.Context, session string) ([]rest.Label, rest.Asked, error)
	LabelChats(ctx context.Context, session, labelID string) ([]string, rest.Asked, error)
	Lid(ctx context.Context, session, hidden string) (phone string, err error)
	Lids(ctx context.Context, session string, limit, offset int) ([]rest.LidPair, error)
}

// Store is the database as the directory needs it.
type Store interface {
	store.Lookups
	store.Catalogue
	Record(ctx context.Context, in []store.Input) (store.Recorded, error)
	Phones(ctx context.Context, session string, hidden []string) (map[string]string, error)
	SessionList(ctx context.Context) ([]store.SessionInfo, error)
}

// Server is one WAHA server. The first has no name: its sessions are known by
// their own names, those of others as "name.session".
type Server struct {
	Name string
	WAHA WAHA // nil = its sessions are never asked about
}

// Config makes a Service. Servers, Store and Owner are needed.
type Config struct {
	Servers []Server
	Store   Store
	Owner   string // of claims: unique among all servers on the database, at most 64 characters
	Now     func() time.Time
	Log     *slog.Logger
	Metrics *Metrics // nil = not measured

	// Confirm is how long after a read of the labels that contradicts what is known
	// another must agree with it; 0 = 5 min.
	Confirm time.Duration
	// Poll is how often the list is looked at though nothing was announced: another
	// server may have put something there. 0 = 15 s.
	Poll time.Duration
}

// Service looks things up until its Run ends.
type Service struct {
	cfg     Config
	servers map[string]WAHA
	wake    chan struct{}

	mu    sync.Mutex
	desks map[string]*desk // by Tandai's name of the session
}

// New makes a Service; Run starts it.
func New(cfg Config) *Service {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Metrics == nil {
		cfg.Metrics = NewMetrics(nil)
	}
	cfg.Confirm = cmp.Or(cfg.Confirm, 5*time.Minute)
	cfg.Poll = cmp.Or(cfg.Poll, 15*time.Second)
	s := &Service{cfg: cfg, servers: map[string]WAHA{}, wake: make(chan struct{}, 1), desks: map[string]*desk{}}
	for _, server := range cfg.Servers {
		if server.WAHA != nil {
			s.servers[server.Name] = server.WAHA
		}
	}
	return s
}

// of returns the server a session is on and WAHA's own name of the session; nil
// where that server is not to be asked.
func (s *Service) of(session string) (WAHA, string) {
	if server, name, further := strings.Cut(session, "."); further {
		return s.servers[server], name
	}
	return s.servers[""], session
}

func (s *Service) now() int64 { return s.cfg.Now().UnixMilli() }

// Observe is told what was recorded, and never blocks: what is unknown now is
// looked up soon, and a session that works again is asked at once.
func (s *Service) Observe(in []store.Input, done store.Recorded) {
	now := s.now()
	woke := len(done.Unknown) > 0
	s.mu.Lock()
	for _, i := range in {
		if i.Status != "WORKING" {
			continue
		}
		if d := s.desk(i.Session); d != nil {
			d.works(now)
			woke = true
		}
	}
	for _, u := range done.Unknown {
		if u.Hidden != "" {
			continue // it is on the list
		}
		if d := s.desk(u.Session); d != nil {
			d.wantLabels(now)
		}
	}
	s.mu.Unlock()
	if woke {
		s.poke()
	}
}

func (s *Service) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// desk returns the session's state, nil where nobody is to be asked. s.mu is held.
func (s *Service) desk(session string) *desk {
	if d := s.desks[session]; d != nil {
		return d
	}
	if waha, _ := s.of(session); waha == nil {
		return nil
	}
	d := &desk{}
	s.desks[session] = d
	return d
}
