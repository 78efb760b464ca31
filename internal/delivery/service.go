package delivery

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"tandai/internal/store"
)

// Destination is somewhere that the configuration names. It is trusted: it is
// dialled wherever it is.
type Destination struct {
	Name string
	URL  string // http or https
	Key  []byte // signs the body; nil = not signed
	// Events are the events that are relayed to it; none = all that are relayed.
	// What is enqueued for it comes in any case.
	Events []string
	// EffectsOnly: nothing is relayed to it, it gets what is enqueued for it.
	EffectsOnly bool

	// Headers are sent in place of, or beside, WAHA's: names in canonical form.
	// They may be secrets.
	Headers http.Header
	Header  bool // send X-Tandai-… headers too
	Enrich  bool // add the member `tandai` to the body
}

// Wants reports whether an event is relayed to the destination.
func (d *Destination) Wants(event string) bool {
	return !d.EffectsOnly && (len(d.Events) == 0 || slices.Contains(d.Events, event))
}

// Config makes a Service.
type Config struct {
	Store        store.Outbox
	Destinations []Destination
	// Owner names this server among those that share the database, the same in
	// every life of it: what it had claimed when it died it takes up at once.
	Owner       string
	Timeout     time.Duration   // of one attempt; 0 = 10 s
	Concurrency int             // requests at once per destination; 0 = 32
	Schedule    []time.Duration // nil = Schedule
	Keep        time.Duration   // how long settled deliveries are kept; 0 = 30 days
	StopTimeout time.Duration   // what is in flight may take so long once Run is told to end; 0 = 5 s

	// BreakerAfter failures in a row a destination is probed only: after
	// BreakerPause, then at pauses that double up to BreakerMax. 0 = 10, 5 s, 1 min.
	BreakerAfter             int
	BreakerPause, BreakerMax time.Duration

	Now     func() time.Time
	Log     *slog.Logger
	Metrics *Metrics
}

// Service delivers what is in the outbox.
type Service struct {
	cfg     Config
	owner   string // of this life
	lanes   map[string]*lane
	wake    chan struct{}
	recount chan struct{} // a token when an address that is not configured got something
	results chan result
	client  *http.Client // for addresses that are not trusted; shared by their lanes
}

// New makes a service; Run starts it.
func New(cfg Config) *Service {
	cfg.Timeout = cmp.Or(cfg.Timeout, 10*time.Second)
	cfg.Concurrency = cmp.Or(cfg.Concurrency, 32)
	cfg.Keep = cmp.Or(cfg.Keep, 30*24*time.Hour)
	cfg.StopTimeout = cmp.Or(cfg.StopTimeout, 5*time.Second)
	cfg.BreakerAfter = cmp.Or(cfg.BreakerAfter, 10)
	cfg.BreakerPause = cmp.Or(cfg.BreakerPause, 5*time.Second)
	cfg.BreakerMax = cmp.Or(cfg.BreakerMax, time.Minute)
	if cfg.Schedule == nil {
		cfg.Schedule = Schedule
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Metrics == nil {
		cfg.Metrics = NewMetrics(nil)
	}
	s := &Service{
		cfg: cfg, owner: fmt.Sprintf("%s/%08x", ownerPrefix(cfg.Owner), rand.Uint32()), lanes: map[string]*lane{},
		wake: make(chan struct{}, 1), recount: make(chan struct{}, 1), results: make(chan result, 1024), client: newClient(false, 4),
	}
	for _, d := range cfg.Destinations {
		s.lanes[d.Name] = s.newLane(d, newClient(true, cfg.Concurrency), d.Name, cfg.Concurrency)
	}
	return s
}

func ownerPrefix(name string) string {
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:8])
}

// For lists the destinations that an event is relayed to.
func (s *Service) For(event string) []string {
	var names []string
	for i := range s.cfg.Destinations {
		if d := &s.cfg.Destinations[i]; d.Wants(event) {
			names = append(names, d.Name)
		}
	}
	return names
}

// Wake tells that something was written to the outbox. It never blocks.
func (s *Service) Wake() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Effect is something to send that no delivery of WAHA's carries.
type Effect struct {
	// Key says what it is: of two effects with one key only the first is sent.
	Key     string
	Session string // for people; may be empty
	Event   string // what to call it: "alarm"
	At      int64  // Unix ms
	Body    []byte
	Headers map[string]string // beside, or in place of, those of WAHA; no secrets
	// Destination is a configured one; or URL is where to send it, an address
	// that nobody vouches for: only public ones are dialled.
	Destination string
	URL         string
}

// Enqueue puts an effect into the outbox. It is durable when it returns nil, and
// will be sent by whichever server claims it.
func (s *Service) Enqueue(ctx context.Context, e Effect) error {
	now := s.cfg.Now().UnixMilli()
	sum := sha256.Sum256([]byte("effect\x00" + e.Key))
	out := store.Outbound{
		ID: hex.EncodeToString(sum[:]), Session: e.Session, Event: e.Event, At: e.At, Body: e.Body, Headers: e.Headers,
		Destinations: []string{e.Destination}, URL: e.URL, ReceivedAt: now,
	}
	if e.URL != "" {
		name, err := urlDestination(e.URL)
		if err != nil {
			return err
		}
		out.Destinations[0] = name
	}
	if err := s.cfg.Store.Enqueue(ctx, []store.Outbound{out}, now); err != nil {
		return fmt.Errorf("enqueue %s: %w", e.Event, err)
	}
	s.Wake()
	if e.URL != "" {
		select {
		case s.recount <- struct{}{}:
		default:
		}
	}
	return nil
}

// urlDestination names the lane of an address that is not configured: its host,
// so that one slow host holds up no other.
func urlDestination(address string) (string, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return "", fmt.Errorf("the address of an effect cannot be read")
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil:
		return "", fmt.Errorf("the address of an effect is %s://%s; want http or https, a host, and no user", u.Scheme, u.Host)
	}
	name := urlPrefix + u.Scheme + "://" + strings.ToLower(u.Host)
	if len(name) > 190 {
		return "", fmt.Errorf("the host of an effect is %d characters long", len(u.Host))
	}
	return name, nil
}

// urlPrefix begins the names of lanes that are not configured; the configuration
// allows no colon in a name.
const urlPrefix = "url:"
