// Package intake is the door WAHA's webhooks come in by. It checks the signature,
// reduces what may be kept, makes it durable, and only then answers 2xx.
//
// What it answers decides what WAHA does: every answer but 2xx is tried again for
// a while, and a redirect is taken for success although the body is gone. So the
// door never redirects, never answers 2xx for what is not on disk, and answers
// 2xx for what it does not understand, which is kept in quarantine instead: a
// retry would bring the same bytes.
package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"tandai/internal/inbox"
	"tandai/internal/label"
	"tandai/internal/waha"
)

// Prefix is where the door's paths begin. Nothing else may be served there.
const Prefix = "/webhooks/"

const hook = Prefix + "waha"

// Inbox makes deliveries durable: Put returns nil only after the fsync of the
// commit that holds the item, or when the item was there already.
type Inbox interface {
	Put(ctx context.Context, it inbox.Item) (known bool, err error)
}

// Server is one WAHA server.
type Server struct {
	// Name is part of the path, /webhooks/waha/{name}, and of event ids. The
	// first server's is "": its hook is /webhooks/waha.
	Name string
	Keys waha.Keys // none = signatures are not checked
}

// Config makes a Door.
type Config struct {
	Servers     []Server
	Inbox       Inbox
	MaxInFlight int           // requests held in memory at once; 0 = 512
	MaxBody     int64         // bytes; 0 = 5 MiB
	ReadTimeout time.Duration // for the whole body; 0 = 10 s
	Log         *slog.Logger
	Registerer  prometheus.Registerer // nil = metrics for nobody
}

// Door serves everything under Prefix. It is safe for concurrent use.
type Door struct {
	cfg     Config
	servers map[string]Server
	slots   chan struct{}
	metrics *metrics
}

// New checks the configuration.
func New(cfg Config) (*Door, error) {
	if cfg.Inbox == nil || len(cfg.Servers) == 0 {
		return nil, errors.New("intake: an inbox and a server are needed")
	}
	cfg.MaxInFlight = cmp.Or(cfg.MaxInFlight, 512)
	cfg.MaxBody = cmp.Or(cfg.MaxBody, 5<<20)
	cfg.ReadTimeout = cmp.Or(cfg.ReadTimeout, 10*time.Second)
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	d := &Door{cfg: cfg, servers: map[string]Server{}, slots: make(chan struct{}, cfg.MaxInFlight), metrics: newMetrics(cfg.Registerer)}
	for _, s := range cfg.Servers {
		if _, twice := d.servers[s.Name]; twice {
			return nil, fmt.Errorf("intake: two servers are named %q", s.Name)
		}
		d.servers[s.Name] = s
	}
	return d, nil
}

// Wrap puts the door before a handler. Paths are compared as they mean, not as
// they are written: http.ServeMux would redirect `//webhooks/waha` and the like.
func (d *Door) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p := path.Clean("/" + r.URL.Path); p+"/" == Prefix || strings.HasPrefix(p, Prefix) {
			d.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// ServeHTTP answers one delivery.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	started := time.Now()
	a := d.receive(w, r)
	d.metrics.answered(a, time.Since(started))
	a.write(w, r)
}

func (d *Door) receive(w http.ResponseWriter, r *http.Request) answer {
	p := path.Clean("/" + r.URL.Path)
	name, ok := strings.CutPrefix(p, hook+"/")
	server, known := d.servers[name]
	switch {
	case p == hook:
		server, known = d.servers[""]
	case !ok:
		known = false
	}
	if !known {
		return reject(http.StatusNotFound, "no WAHA server has its webhooks here; they go to "+hook+" or "+hook+"/{server}")
	}
	if r.Method != http.MethodPost {
		return reject(http.StatusMethodNotAllowed, "webhooks are sent with POST")
	}
	select {
	case d.slots <- struct{}{}:
		d.metrics.inFlight.Inc()
		defer func() { <-d.slots; d.metrics.inFlight.Dec() }()
	default:
		return unavailable("too many deliveries at once, send this one again", time.Second)
	}
	body, a := d.readBody(w, r)
	if a != nil {
		return *a
	}
	if err := server.Keys.Verify(body, r.Header); err != nil {
		d.cfg.Log.WarnContext(r.Context(), "delivery refused", "server", server.Name, "peer", r.RemoteAddr, "err", err)
		return reject(http.StatusUnauthorized, err.Error())
	}
	kept := waha.Keep(body)
	item := ItemOf(server.Name, kept, body)
	already, err := d.cfg.Inbox.Put(r.Context(), item)
	switch {
	case errors.Is(err, inbox.ErrRefused):
		// The one item cannot be kept whatever the file's state: nothing to wait for.
		return reject(http.StatusRequestEntityTooLarge, "this delivery cannot be kept")
	case errors.Is(err, inbox.ErrFull):
		return unavailable("the inbox is full, send this again later", 30*time.Second)
	case err != nil:
		return unavailable("this could not be made durable, send it again", 5*time.Second)
	}
	id := label.Key(item.Key).ID()
	switch {
	case already:
		return answer{code: http.StatusOK, Result: resultKnown, EventID: id}
	case item.Quarantine != "":
		return answer{code: http.StatusOK, Result: resultQuarantined, Reason: item.Quarantine, EventID: id}
	}
	return answer{code: http.StatusOK, Result: resultStored, EventID: id}
}
