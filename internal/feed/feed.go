package feed

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"tandai/internal/inbox"
)

// Inbox is where frames are made durable.
type Inbox interface {
	// Put returns without an error only when the item, or an earlier one with
	// its Key, is durable.
	Put(ctx context.Context, it inbox.Item) (known bool, err error)
}

// The reasons Gap is called for.
const (
	GapStart       = "start"       // nobody listened before
	GapReconnected = "reconnected" // nobody listened for a while
	GapFrame       = "frame_lost"  // a frame was too large, or the inbox refuses it
)

// Config is what New needs: URL, Events and Inbox.
type Config struct {
	Server string   // under which its sessions are known; "" for the first
	URL    string   // of WAHA, http(s)://host[:port][/base]
	Key    string   // X-Api-Key; "" for none
	Events []string // to ask for

	Inbox    Inbox
	MaxFrame int64 // bytes of one frame; 0 = 5 MiB
	MaxHeld  int64 // bytes of frames that wait for the inbox; 0 = 64 MiB

	// Gap is called after a gap, when the feed listens again, with one of the
	// reasons above. It must not block. nil: nobody is told.
	Gap func(reason string)

	Transport http.RoundTripper // nil = a default
	Now       func() time.Time  // nil = time.Now
	Log       *slog.Logger      // nil = slog.Default
	Metrics   *Metrics          // nil = counted for nobody
}

// State is how a feed is doing.
type State struct {
	Connected   bool
	Since       time.Time // of Connected being what it is
	Err         string    // why it is not connected, without the key; "" before the first try
	LastFrameAt time.Time // zero before the first
}

// Feed reads one WAHA server.
type Feed struct {
	cfg     Config
	dialURL string
	client  *http.Client
	log     *slog.Logger
	now     func() time.Time
	metrics *Metrics

	frames  chan []byte
	held    atomic.Int64  // bytes of frames read and not yet kept
	freed   chan struct{} // a hint that held has fallen
	stalled atomic.Bool   // the reader waits for the inbox
	gaps    gaps

	mu    sync.Mutex
	state State

	// Times, for tests.
	pauseMin, pauseMax, settle, steady, pingEvery, pingWait, retryMin, retryMax, grace time.Duration
}

const (
	keepers    = 32  // frames being made durable at once: they share the fsync
	mostFrames = 512 // frames that wait for a keeper
)

// New checks the configuration; nothing is asked yet.
func New(cfg Config) (*Feed, error) {
	u, err := url.Parse(cfg.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("feed: the address of WAHA is not http(s)://host[:port][/base]")
	}
	if cfg.Inbox == nil || len(cfg.Events) == 0 {
		return nil, errors.New("feed: no inbox, or no events")
	}
	u.Path = strings.TrimRight(u.Path, "/") + "/ws"
	q := url.Values{"session": {"*"}, "events": cfg.Events}
	if cfg.Key != "" {
		q.Set("x-api-key", cfg.Key)
	}
	u.RawQuery = q.Encode()
	f := &Feed{
		cfg: cfg, dialURL: u.String(), log: cfg.Log, now: cfg.Now, metrics: cfg.Metrics,
		frames: make(chan []byte, mostFrames), freed: make(chan struct{}, 1),
		pauseMin: 250 * time.Millisecond, pauseMax: time.Minute, settle: time.Second, steady: 30 * time.Second,
		pingEvery: 30 * time.Second, pingWait: 20 * time.Second,
		retryMin: 200 * time.Millisecond, retryMax: 10 * time.Second, grace: 3 * time.Second,
	}
	f.cfg.MaxFrame = cmp.Or(cfg.MaxFrame, 5<<20)
	f.cfg.MaxHeld = cmp.Or(cfg.MaxHeld, 64<<20)
	if f.log == nil {
		f.log = slog.Default()
	}
	if f.now == nil {
		f.now = time.Now
	}
	if f.metrics == nil {
		f.metrics = NewMetrics(nil)
	}
	f.metrics.known(cfg.Server)
	f.gaps = gaps{call: cfg.Gap, every: 10 * time.Second, count: func(reason string) {
		f.metrics.gaps.WithLabelValues(cfg.Server, reason).Inc()
	}}
	// Redirects are not followed: the key in the address must not go along.
	f.client = &http.Client{Transport: cfg.Transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	f.state.Since = f.now()
	return f, nil
}

// Server is the name of the server it reads, "" for the first.
func (f *Feed) Server() string { return f.cfg.Server }

// State says how the feed is doing.
func (f *Feed) State() State {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state
}

// Run reads until ctx ends, through whatever happens to the connection. It then
// gives the frames in memory one more chance to be kept, and returns.
func (f *Feed) Run(ctx context.Context) {
	var keeping sync.WaitGroup
	for range keepers {
		keeping.Go(func() { f.keep(ctx) })
	}
	keeping.Go(func() { f.gaps.run(ctx) })
	reason := GapStart
	for n := 0; ctx.Err() == nil; n++ {
		opened, err := f.listen(ctx, reason)
		if ctx.Err() != nil {
			break
		}
		if !opened.IsZero() {
			reason = GapReconnected
			if time.Since(opened) >= f.steady {
				n = 0
			}
		}
		pause := f.pause(n)
		f.away(ctx, err, pause)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
	close(f.frames) // nothing reads any more
	keeping.Wait()
	f.set(false, "stopped")
}

// pause grows with the number of tries, and differs between servers that lost
// WAHA at one moment.
func (f *Feed) pause(n int) time.Duration {
	d := f.pauseMax
	if n < 16 {
		d = min(d, f.pauseMin<<n)
	}
	return d/2 + rand.N(d/2+1)
}

func (f *Feed) away(ctx context.Context, err error, pause time.Duration) {
	why := f.explain(err)
	f.set(false, why)
	f.log.WarnContext(ctx, "websocket of WAHA is not connected: events sent meanwhile are found by reconciliation when it is again",
		"server", f.cfg.Server, "retry_in", pause.Round(time.Millisecond), "err", why)
}

func (f *Feed) set(connected bool, err string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.state.Connected != connected {
		f.state.Since = f.now()
	}
	f.state.Connected, f.state.Err = connected, err
	up := 0.0
	if connected {
		up = 1
	}
	f.metrics.connected.WithLabelValues(f.cfg.Server).Set(up)
}

// explain says what went wrong, without the key: errors of net/http repeat the
// address they were given.
func (f *Feed) explain(err error) string {
	if err == nil {
		return "closed"
	}
	var wrapped *url.Error
	text := err.Error()
	if errors.As(err, &wrapped) {
		text = wrapped.Err.Error()
	}
	for _, secret := range []string{f.dialURL, url.QueryEscape(f.cfg.Key), f.cfg.Key} {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "[redacted]")
		}
	}
	return text
}

var errKey = errors.New("WAHA does not accept the API key: correct waha.api_key")

// answered makes an error of a handshake that WAHA answered otherwise.
func answered(res *http.Response, err error) error {
	if res == nil {
		return err
	}
	switch {
	case res.StatusCode == http.StatusUnauthorized || res.StatusCode == http.StatusForbidden:
		return errKey
	case res.StatusCode >= 300 && res.StatusCode < 400:
		return fmt.Errorf("/ws is redirected (%d), which is not followed: give waha.url the address it leads to", res.StatusCode)
	case res.StatusCode == http.StatusNotFound:
		return errors.New("there is no /ws (404): is waha.url WAHA's address, and does a proxy let websockets through?")
	case res.StatusCode != http.StatusSwitchingProtocols:
		return fmt.Errorf("/ws answers %d instead of a websocket", res.StatusCode)
	}
	return err
}
