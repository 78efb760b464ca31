package wahasim

import (
	"context"
	"encoding/json"
	"time"
)

// RestartSession stops and starts a session: a burst of session.status, and all
// that waited for it afterwards. A deaf session hears again.
func (n *Node) RestartSession(name string) {
	n.StopSession(name)
	n.StartSession(name)
}

// StopSession stops a session; what happens on the phone waits.
func (n *Node) StopSession(name string) {
	n.mu.Lock()
	s := n.session(name)
	if s == nil {
		n.mu.Unlock()
		return
	}
	s.away = true
	n.mu.Unlock()
	n.Emit(s.phone.Status(n.now(), StatusStopped, ""))
}

// StartSession starts a session that was stopped.
func (n *Node) StartSession(name string) {
	n.mu.Lock()
	s := n.session(name)
	if s == nil {
		n.mu.Unlock()
		return
	}
	s.away = true
	if n.hit(ForgetsHooks, name) {
		s.config = withoutHooks(s.config)
	}
	n.mend(Deaf, name)
	s.deaf = false
	n.mu.Unlock()
	n.Emit(s.phone.Status(n.now(), StatusStarting, ""))
	if n.cfg.StartTime <= 0 {
		n.works(s)
		return
	}
	n.after(n.cfg.StartTime, func() { n.works(s) })
}

// works ends a start.
func (n *Node) works(s *session) {
	n.mu.Lock()
	if s.looping || s.phone.status() != StatusStarting {
		n.mu.Unlock()
		return
	}
	s.away = false
	n.mu.Unlock()
	n.Emit(s.phone.Status(n.now(), StatusWorking, ""))
	n.flush(s)
}

// RestartProcess ends the whole WAHA and starts it again: pending retries of
// webhooks are lost, sockets break, startTimestamp is another, and the sessions
// that ran start anew.
func (n *Node) RestartProcess() {
	n.mu.Lock()
	n.stop()
	for _, s := range n.senders {
		n.old = append(n.old, s)
	}
	n.senders = map[string]*Sender{}
	n.ctx, n.stop = context.WithCancel(context.Background())
	n.started = n.cfg.Now()
	n.mu.Unlock()
	n.hangUp()
	for _, p := range n.srv.allPhones() {
		if st := p.status(); st != StatusStopped && st != StatusFailed {
			n.StartSession(p.Session())
		}
	}
}

// Pair connects the session to the phone anew, as after scanning the code. NOWEB
// then sends all labels and all chats that have one, as if it all happened now
// (WAHA #1826: Baileys emits labels.* during the first synchronisation); GOWS
// sends nothing of it.
func (n *Node) Pair(name string) {
	n.mu.Lock()
	s := n.session(name)
	if s == nil {
		n.mu.Unlock()
		return
	}
	s.away, s.deaf, s.backlog = false, false, nil
	n.mu.Unlock()
	at := n.now()
	n.Emit(s.phone.Status(at, StatusScanQR, ""), s.phone.Status(at, StatusStarting, ""), s.phone.Status(at, StatusWorking, ""))
	if s.phone.cfg.Engine == NOWEB {
		n.Emit(s.phone.history(n.now())...)
	}
}

// history is everything the phone has, as events of one time.
func (p *Phone) history(at int64) (evs []Event) {
	p.srv.mu.Lock()
	defer p.srv.mu.Unlock()
	at = p.stamp(at)
	snap := p.snapshot()
	for _, l := range snap.labels {
		var w writer
		l.write(&w, l.Name)
		evs = append(evs, p.event(at, "label.upsert", w.string()))
	}
	for _, l := range snap.labels {
		for _, chat := range snap.chats[l.ID] {
			evs = append(evs, p.association(at, chat, l.ID, true))
		}
	}
	return evs
}

// loop is a session that never gets past STARTING: NOWEB says so every two
// seconds while it has no network.
func (n *Node) loop(s *session, every time.Duration) {
	n.mu.Lock()
	going := s.looping
	n.mu.Unlock()
	if !going {
		return
	}
	n.Emit(s.phone.Status(n.now(), StatusStarting, ""))
	n.after(every, func() { n.loop(s, every) })
}

// status is the session's last one; a phone that was added is WORKING.
func (p *Phone) status() string {
	p.srv.mu.Lock()
	defer p.srv.mu.Unlock()
	if len(p.statuses) == 0 {
		return StatusWorking
	}
	return p.statuses[len(p.statuses)-1].status
}

func (s *Server) allPhones() []*Phone {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*Phone(nil), s.phones...)
}

func withoutHooks(config json.RawMessage) json.RawMessage {
	var all map[string]json.RawMessage
	if json.Unmarshal(config, &all) != nil || all == nil {
		return config
	}
	delete(all, "webhooks")
	left, err := json.Marshal(all)
	if err != nil {
		return config
	}
	return left
}
