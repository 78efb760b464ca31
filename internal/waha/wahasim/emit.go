package wahasim

import "slices"

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
		case aboutChat && !byREST && n.broken(IgnoresPhone, ev.Session), aboutChat && n.storeOff(s):
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
