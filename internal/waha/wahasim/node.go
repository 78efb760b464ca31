package wahasim

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"
)

// NodeConfig is how a simulated WAHA runs. The zero value answers anybody, at
// once, by the clock of this machine.
type NodeConfig struct {
	Keys []Key // whom REST and /ws answer; none = anybody

	Now      func() time.Time // time.Now when nil
	DateSkew time.Duration    // how far the Date header is ahead of Now

	// StatusWait is how long a call waits for a session that is not WORKING,
	// before it is 422. WAHA waits up to 15 s; 0 does not wait.
	StatusWait time.Duration

	// StartTime is how long a session stays STARTING, once something starts it
	// anew. WAHA takes 3 to 4 s; 0 is over before the call that did it is answered.
	StartTime time.Duration

	// Global is the webhook of the environment (WHATSAPP_HOOK_…), which REST does
	// not show. Its events: GlobalEvents, "*" when nil.
	Global       *SenderConfig
	GlobalEvents []string

	// Deliver, when set, takes the place of all webhooks: it gets every event that
	// survived, in the order they leave, within the call that caused them. Calls at
	// once make it called at once.
	Deliver func(Event)

	Seed      uint64            // of troubles, request ids and jitter
	Transport http.RoundTripper // of webhooks; nil = as a Sender's
}

// Node is a WAHA that runs: it answers REST and /ws from what the phones of a
// Server show, sends their events to webhooks and sockets, and has every fault
// that users of WAHA reported, each switched on by its name (see Fault).
//
//	n := wahasim.NewNode(server, wahasim.NodeConfig{})
//	n.Configure("cs1", `{"webhooks":[{"url":"http://…","events":["*"]}]}`)
//	web := httptest.NewServer(n)
//	n.Emit(server.Phone("cs1").Label(now, lead, "4"))
//
// It may be used by several goroutines.
type Node struct {
	srv *Server
	cfg NodeConfig

	mu       sync.Mutex
	rand     *rand.Rand
	started  time.Time
	ctx      context.Context // of webhooks: ends with the process
	stop     context.CancelFunc
	sessions map[string]*session
	troubles []*trouble
	senders  map[string]*Sender
	old      []*Sender // of processes before
	sockets  map[*socket]bool
	timers   map[*time.Timer]bool
	messages []SentMessage
	closed   bool
}

// session is what a Node knows of a session beside its Phone.
type session struct {
	phone    *Phone
	config   json.RawMessage
	away     bool    // stopped or starting: the phone's changes wait
	deaf     bool    // WORKING, but nothing comes: they wait too
	backlog  []Event // what waits
	activity int64
	looping  bool
	frozen   *snapshot // what REST shows instead of the truth
	lie      *snapshot
	lying    int // rounds of reading left to lie
	lieShare float64
	cached   *snapshot
	cachedAt uint64
}

// NewNode starts a WAHA over a server's phones.
func NewNode(srv *Server, cfg NodeConfig) *Node {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	n := &Node{srv: srv, cfg: cfg, rand: newRand(cfg.Seed, streamNode), started: cfg.Now(),
		sessions: map[string]*session{}, senders: map[string]*Sender{}, sockets: map[*socket]bool{}, timers: map[*time.Timer]bool{}}
	n.ctx, n.stop = context.WithCancel(context.Background())
	return n
}

// Server is what the node runs on.
func (n *Node) Server() *Server { return n.srv }

// Close stops everything: webhooks under way are cancelled, sockets closed.
func (n *Node) Close() {
	n.mu.Lock()
	n.closed = true
	n.stop()
	for t := range n.timers {
		t.Stop()
	}
	n.mu.Unlock()
	n.hangUp()
	n.Wait()
}

// Wait returns when no webhook is under way any more.
func (n *Node) Wait() {
	n.mu.Lock()
	all := slices.Clone(n.old)
	for _, s := range n.senders {
		all = append(all, s)
	}
	n.mu.Unlock()
	for _, s := range all {
		s.Wait()
	}
}

// Stats counts what became of all webhooks so far.
func (n *Node) Stats() Stats {
	n.mu.Lock()
	defer n.mu.Unlock()
	var sum Stats
	add := func(s Stats) {
		sum.Events += s.Events
		sum.Attempts += s.Attempts
		sum.Pending += s.Pending
		sum.Acknowledged += s.Acknowledged
		sum.Redirected += s.Redirected
		sum.Dropped += s.Dropped
		sum.Cancelled += s.Cancelled
	}
	for _, s := range n.old {
		add(s.Stats())
	}
	for _, s := range n.senders {
		add(s.Stats())
	}
	return sum
}

// Configure sets a session's configuration without a restart: what was there
// when the process began.
func (n *Node) Configure(name, config string) error {
	if err := checkConfig([]byte(config)); err != nil {
		return err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	s := n.session(name)
	if s == nil {
		return fmt.Errorf("there is no session %q", name)
	}
	s.configure(json.RawMessage(config))
	return nil
}

// configure replaces the configuration; what it says of metadata is in every
// envelope from then on.
func (s *session) configure(config json.RawMessage) {
	s.config = config
	var c struct {
		Metadata map[string]string `json:"metadata"`
	}
	if json.Unmarshal(config, &c) != nil {
		return // values that are no strings: WAHA takes them, the simulation does not
	}
	s.phone.setMetadata(c.Metadata)
}

// Configured is a session's configuration, nil where it has none.
func (n *Node) Configured(name string) json.RawMessage {
	n.mu.Lock()
	defer n.mu.Unlock()
	if s := n.session(name); s != nil {
		return slices.Clone(s.config)
	}
	return nil
}

// session finds one, nil for none; n.mu is held.
func (n *Node) session(name string) *session {
	if s := n.sessions[name]; s != nil {
		return s
	}
	p := n.srv.Phone(name)
	if p == nil {
		return nil
	}
	s := &session{phone: p, config: p.metadata()}
	n.sessions[name] = s
	return s
}

func (n *Node) now() int64 { return n.cfg.Now().UnixMilli() }

// storeOff says that a session is NOWEB without its store; n.mu is held.
func (n *Node) storeOff(s *session) bool {
	if s.phone.cfg.Engine != NOWEB {
		return false
	}
	var c struct {
		NOWEB struct {
			Store struct {
				Enabled *bool `json:"enabled"`
			} `json:"store"`
		} `json:"noweb"`
	}
	if n.broken(StoreOff, s.phone.Session()) {
		return true
	}
	return len(s.config) > 0 && json.Unmarshal(s.config, &c) == nil && c.NOWEB.Store.Enabled != nil && !*c.NOWEB.Store.Enabled
}

// after calls f later, unless the node is closed first.
func (n *Node) after(d time.Duration, f func()) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		return
	}
	var t *time.Timer
	t = time.AfterFunc(d, func() {
		n.mu.Lock()
		delete(n.timers, t)
		closed := n.closed
		n.mu.Unlock()
		if !closed {
			f()
		}
	})
	n.timers[t] = true
}
