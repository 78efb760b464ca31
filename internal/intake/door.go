package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"tandai/internal/inbox"
	"tandai/internal/label"
	"tandai/internal/waha"
)

// Inbox is where deliveries are made durable.
type Inbox interface {
	// Put returns without an error only when the item, or an earlier one with
	// its Key, is durable.
	Put(ctx context.Context, it inbox.Item) (known bool, err error)
}

// Server is one WAHA server that sends webhooks here.
type Server struct {
	Name string    // as in the path; only the first may have none
	Keys waha.Keys // any of them may have signed; none: signatures are not asked for
}

// Config is what New needs; only Inbox must be set.
type Config struct {
	Servers []Server // none: one without a name and without keys
	Inbox   Inbox

	MaxInFlight  int           // requests held at once; 0 is 512
	MaxBody      int64         // bytes of one body; 0 is 5 MiB
	MaxHeldBytes int64         // bytes of all bodies held at once; 0 is 128 MiB, or four times MaxBody if that is more
	ReadTimeout  time.Duration // for a whole body to arrive; 0 is 10 s

	// KeepHeaders tells of which events the request's headers are kept too, to be
	// sent on with the body; nil: of none.
	KeepHeaders func(event string) bool

	Now        func() time.Time      // for what is measured; nil is time.Now
	Log        *slog.Logger          // nil is slog.Default
	Registerer prometheus.Registerer // nil: counted for nobody
}

// Door is the http.Handler of everything under /webhooks/.
type Door struct {
	inbox       Inbox
	servers     []server
	maxInFlight int64
	maxBody     int64
	maxHeld     int64
	readTimeout time.Duration
	keepHeaders func(event string) bool
	now         func() time.Time

	inFlight atomic.Int64
	held     atomic.Int64 // bytes
	buffers  sync.Pool    // of *buffer

	nag     nag
	metrics *metrics
}

// server is a Server with the name under which its sessions are known: none for
// the first, so that adding a second one does not rename what is there.
type server struct {
	Server
	known    string
	verifier *waha.Verifier
}

// New makes a Door. It fails when server names are missing, double, or not made
// of letters, digits, '_' and '-'.
func New(cfg Config) (*Door, error) {
	if cfg.Inbox == nil {
		return nil, errors.New("intake: no inbox")
	}
	if len(cfg.Servers) == 0 {
		cfg.Servers = []Server{{}}
	}
	d := &Door{
		inbox:       cfg.Inbox,
		maxInFlight: int64(cmp.Or(cfg.MaxInFlight, 512)),
		maxBody:     cmp.Or(cfg.MaxBody, 5<<20),
		readTimeout: cmp.Or(cfg.ReadTimeout, 10*time.Second),
		keepHeaders: cfg.KeepHeaders,
		now:         cfg.Now,
		nag:         nag{log: cfg.Log},
	}
	d.maxHeld = cmp.Or(cfg.MaxHeldBytes, max(128<<20, 4*d.maxBody))
	if d.now == nil {
		d.now = time.Now
	}
	if d.nag.log == nil {
		d.nag.log = slog.Default()
	}
	seen := map[string]bool{}
	for i, s := range cfg.Servers {
		switch {
		case s.Name == "" && i > 0:
			return nil, fmt.Errorf("intake: server %d has no name", i+1)
		case s.Name != "" && !isName(s.Name):
			return nil, fmt.Errorf("intake: server name %q: want letters, digits, '_' and '-'", s.Name)
		case seen[s.Name]:
			return nil, fmt.Errorf("intake: two servers are named %q", s.Name)
		}
		seen[s.Name] = true
		known := s.Name
		if i == 0 {
			known = ""
		}
		d.servers = append(d.servers, server{s, known, s.Keys.Verifier()})
	}
	d.buffers.New = func() any { return &buffer{data: make([]byte, 0, smallBody)} }
	d.metrics = newMetrics(d, cfg.Registerer)
	return d, nil
}

func isName(s string) bool {
	for _, c := range []byte(s) {
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-') {
			return false
		}
	}
	return s != ""
}

// ServeHTTP answers one request, whatever its path.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a := d.serve(w, r)
	d.metrics.answered[a.result].Inc()
	if a.status != http.StatusOK {
		d.nag.refused(r, &a)
	}
	a.write(w)
}

func (d *Door) serve(w http.ResponseWriter, r *http.Request) answer {
	s, ok := d.route(r.URL.Path)
	if !ok {
		d.swallow(w, r)
		return answer{status: http.StatusNotFound, result: resultNotFound, reason: d.noRoute(r.URL.Path)}
	}
	if r.Method != http.MethodPost {
		d.swallow(w, r)
		return answer{status: http.StatusMethodNotAllowed, result: resultMethod,
			reason: "webhooks are sent with POST"}
	}
	defer d.inFlight.Add(-1)
	if d.inFlight.Add(1) > d.maxInFlight {
		d.swallow(w, r)
		return answer{status: http.StatusServiceUnavailable, result: resultBusy, retryAfter: retrySoon,
			reason: fmt.Sprintf("more than %d requests at once", d.maxInFlight)}
	}
	body, refused := d.read(w, r)
	if refused != nil {
		return *refused
	}
	defer d.free(body)
	if err := s.verifier.Verify(body.data, r.Header); err != nil {
		return answer{status: http.StatusUnauthorized, result: resultUnauthorized, reason: err.Error()}
	}
	return d.keep(r.Context(), s, body.data, r.Header)
}

// keep has an authenticated body made durable. A sender that hangs up meanwhile
// changes nothing: it may not be able to send it again.
func (d *Door) keep(ctx context.Context, s *server, body []byte, h http.Header) answer {
	kept := waha.Keep(body)
	if kept.Head.Event == ProbeEvent && kept.Problem == "" {
		return answer{status: http.StatusOK, result: resultProbed, reason: "this was a probe: nothing is stored"}
	}
	item := ItemOf(s.known, kept, body)
	if d.keepHeaders != nil && kept.Problem == "" && d.keepHeaders(item.Event) {
		item.Headers = headersOf(h)
	}
	started := d.now()
	known, err := d.inbox.Put(context.WithoutCancel(ctx), item)
	key := label.Key(item.Key)
	a := answer{status: http.StatusOK, eventID: key}
	switch {
	case err != nil:
		a = answer{status: http.StatusServiceUnavailable, result: resultUnavailable, retryAfter: retryLater, err: err,
			reason: "it cannot be made durable right now"}
		switch {
		case errors.Is(err, inbox.ErrFull):
			a.result, a.reason = resultFull, "the inbox is full"
		case errors.Is(err, inbox.ErrRefused): // this one, at any time: nothing to wait for
			a = answer{status: http.StatusRequestEntityTooLarge, result: resultTooLarge, err: err,
				reason: "this body cannot be kept"}
		}
		return a
	case known:
		a.result = resultKnown
	case kept.Problem != "":
		a.result, a.reason = resultQuarantined, kept.Problem
		d.nag.quarantined(key, kept.Problem)
	default:
		a.result = resultStored
	}
	d.metrics.durable.Observe(d.now().Sub(started).Seconds())
	return a
}
