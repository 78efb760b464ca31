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

// Emit sends events of phones on: to sockets and webhooks, through whatever is
// broken. Those of a session that is away or deaf wait until it is back, and then
// come at once, with new ids and the time of the return: WAHA stamps what it
// processes, not what happened.
func (n *Node) Emit(evs ...Event) { n.emit(false, evs...) }

func (n *Node) emit(byREST bool, evs ...Event) {
	n.mu.Lock()
	var out []Event
	for _, ev := range evs {
		if ev.IsZero() || n.closed {
			continue
		}
		s := n.session(ev.Session)
		if s == nil {
			out = append(out, ev)
			continue
		}
		aboutChat := ev.Name == "label.chat.added" || ev.Name == "label.chat.deleted"
		switch {
		case aboutChat && !byREST && n.broken(IgnoresPhone, ev.Session):
			continue
		case ev.Name != "session.status" && (s.away || s.deaf):
			s.backlog = append(s.backlog, ev)
			continue
		}
		s.activity = max(s.activity, ev.At)
		out = append(out, ev)
		if aboutChat {
			out = append(out, n.phantom(s.phone, ev)...)
		}
	}
	sockets := n.listeners()
	posts := n.onTheWay(out)
	n.mu.Unlock()

	for _, ev := range out {
		for _, s := range sockets {
			s.offer(ev)
		}
	}
	for _, ev := range posts {
		n.post(ev)
	}
}

// onTheWay is what reaches the webhooks, in its order; n.mu is held.
func (n *Node) onTheWay(evs []Event) []Event {
	var posts []Event
	for _, ev := range evs {
		if n.hit(Lost, ev.Session) {
			continue
		}
		posts = append(posts, ev)
		if n.hit(Doubled, ev.Session) {
			posts = append(posts, ev)
		}
		if n.broken(DoubleHook, ev.Session) {
			ev.Hook = "global"
			posts = append(posts, ev)
		}
	}
	if t := n.find(Reordered, ""); t != nil {
		f := NewFaults(FaultsConfig{Seed: n.rand.Uint64(), Reorder: whole(t.Share), Displacement: 34})
		posts = slices.Collect(f.Apply(slices.Values(posts)))
	}
	return posts
}

// flush emits what waited, as of now.
func (n *Node) flush(s *session) {
	n.mu.Lock()
	waited := s.backlog
	s.backlog = nil
	n.mu.Unlock()
	for i := range waited {
		waited[i] = s.phone.restamp(waited[i], n.now())
	}
	n.emit(true, waited...) // what IgnoresPhone takes is gone already
}

// restamp is the event as WAHA would have made it at another time.
func (p *Phone) restamp(ev Event, at int64) Event {
	p.srv.mu.Lock()
	defer p.srv.mu.Unlock()
	at = p.stamp(at)
	old := writer{}
	old.obj().kstr("id", ev.ID).kint("timestamp", ev.At)
	w := writer{}
	ev.ID, ev.At = p.srv.cfg.NewID(at), at
	w.obj().kstr("id", ev.ID).kint("timestamp", at)
	ev.Body = append(w.b, ev.Body[len(old.b):]...)
	return ev
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
