package wahasim

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// socket is one listener at /ws.
type socket struct {
	session string // "*" = all
	events  []string
	stop    context.CancelFunc

	mu    sync.Mutex
	queue [][]byte
	more  chan struct{} // something is in the queue
}

// offer queues an event for a listener that wants it. WAHA does not wait for its
// listeners either: what is not read stays in memory.
func (s *socket) offer(ev Event) {
	if s.session != "*" && s.session != ev.Session || !wants(s.events, ev.Name) {
		return
	}
	s.mu.Lock()
	s.queue = append(s.queue, ev.Body)
	s.mu.Unlock()
	select {
	case s.more <- struct{}{}:
	default:
	}
}

func (s *socket) take() [][]byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.queue
	s.queue = nil
	return all
}

// pingEvery is WAHA's heartbeat.
const pingEvery = 60 * time.Second

// serveSocket is GET /ws?x-api-key=K&session=S&events=a&events=b: the envelopes of
// the webhooks with their ids, as they happen; nothing is acknowledged, signed or
// sent again. The key is in the query only; without a right one the socket opens
// and closes with 1008. Source: WAHA, websocket.gateway.core.ts; observed.
func (n *Node) serveSocket(w http.ResponseWriter, r *http.Request) {
	conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{InsecureSkipVerify: true}) // cors: true
	if err != nil {
		return
	}
	defer conn.CloseNow()
	given := ""
	for k, v := range r.URL.Query() {
		if strings.EqualFold(k, "x-api-key") && len(v) > 0 {
			given = v[0]
		}
	}
	key, known := n.key(given)
	if !known {
		conn.Close(websocket.StatusPolicyViolation, "Unauthorized")
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	s := &socket{session: r.URL.Query().Get("session"), stop: cancel, more: make(chan struct{}, 1)}
	if s.session == "" {
		s.session = "*"
	}
	if s.session == "*" && key.Session != "" {
		s.session = key.Session
	}
	if !key.may(read, s.session) {
		conn.Close(websocket.StatusPolicyViolation, "Forbidden")
		return
	}
	for _, list := range r.URL.Query()["events"] {
		s.events = append(s.events, strings.Split(list, ",")...)
	}
	if len(s.events) == 0 {
		s.events = []string{"*"}
	}
	n.mu.Lock()
	if n.closed {
		n.mu.Unlock()
		return
	}
	n.sockets[s] = true
	n.mu.Unlock()
	defer func() {
		n.mu.Lock()
		delete(n.sockets, s)
		n.mu.Unlock()
	}()
	ctx = conn.CloseRead(ctx) // what a listener sends is not read
	heartbeat := time.NewTicker(pingEvery)
	defer heartbeat.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-heartbeat.C:
			if conn.Ping(ctx) != nil {
				return
			}
		case <-s.more:
			for _, frame := range s.take() {
				if conn.Write(ctx, websocket.MessageText, frame) != nil {
					return
				}
			}
		}
	}
}

// listeners are those there are now; n.mu is held.
func (n *Node) listeners() []*socket {
	all := make([]*socket, 0, len(n.sockets))
	for s := range n.sockets {
		all = append(all, s)
	}
	return all
}

// Sockets is how many listen at /ws.
func (n *Node) Sockets() int {
	n.mu.Lock()
	defer n.mu.Unlock()
	return len(n.sockets)
}

// hangUp breaks all sockets, without a word: a process that ends says none.
func (n *Node) hangUp() {
	n.mu.Lock()
	all := slices.Clone(n.listeners())
	n.mu.Unlock()
	for _, s := range all {
		s.stop()
	}
}
