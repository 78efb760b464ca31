package wahasim

import (
	"encoding/json"
	"net/http"
	"strings"
)

// routeSessions is /api/sessions and below.
func (n *Node) routeSessions(c *call, rest []string) reply {
	switch {
	case len(rest) == 0 && c.Method == http.MethodGet:
		return n.listSessions(c)
	case len(rest) == 1 && c.Method == http.MethodGet:
		return n.getSession(c, rest[0])
	case len(rest) == 1 && c.Method == http.MethodPut:
		return n.putSession(c, rest[0])
	case len(rest) == 2 && c.Method == http.MethodPost:
		return n.controlSession(c, rest[0], rest[1])
	}
	return c.unknown()
}

// listSessions shows running sessions, or all; a session's key sees its own.
func (n *Node) listSessions(c *call) reply {
	var w writer
	w.arr()
	for _, p := range n.srv.allPhones() {
		if c.key.Session != "" && c.key.Session != p.Session() {
			continue
		}
		if p.status() == StatusStopped && !strings.EqualFold(c.query.Get("all"), "true") {
			continue
		}
		w.raw(n.showSession(p, false))
	}
	return ok(w.rra().string())
}

func (n *Node) getSession(c *call, name string) reply {
	if r, ok := c.allowed(retrieve, name); !ok {
		return r
	}
	p := n.srv.Phone(name)
	if p == nil {
		return exception(http.StatusNotFound, "Session not found")
	}
	return ok(n.showSession(p, true))
}

// putSession replaces the whole configuration, and stops and starts a session
// that runs. Source: WAHA, sessions.controller.ts, update; observed.
func (n *Node) putSession(c *call, name string) reply {
	if r, ok := c.allowed(setting, name); !ok {
		return r
	}
	p := n.srv.Phone(name)
	if p == nil {
		return exception(http.StatusNotFound, "Session not found")
	}
	var body struct {
		Config json.RawMessage `json:"config"`
	}
	if r := c.decode(&body); r != nil {
		return *r
	}
	if len(body.Config) == 0 {
		body.Config = json.RawMessage("null")
	}
	if err := checkConfig(body.Config); err != nil {
		return exception(http.StatusBadRequest, err.Error())
	}
	running := p.status() != StatusStopped
	if running {
		n.StopSession(name)
	}
	n.mu.Lock()
	n.session(name).configure(body.Config)
	n.mu.Unlock()
	if running {
		n.StartSession(name)
	}
	return ok(n.showSession(p, true))
}

func (n *Node) controlSession(c *call, name, verb string) reply {
	if r, ok := c.allowed(control, name); !ok {
		return r
	}
	p := n.srv.Phone(name)
	if p == nil {
		return exception(http.StatusNotFound, "Session not found")
	}
	stopped := p.status() == StatusStopped
	switch verb {
	case "restart":
		n.RestartSession(name)
	case "stop":
		if !stopped {
			n.StopSession(name)
		}
	case "start":
		if stopped {
			n.StartSession(name)
		}
	case "logout":
		n.Emit(p.Status(n.now(), StatusStopped, ""), p.Status(n.now(), StatusStarting, ""), p.Status(n.now(), StatusScanQR, ""))
	default:
		return c.unknown()
	}
	return reply{http.StatusCreated, n.showSession(p, true)}
}

// showSession is WAHA's SessionInfo, with the engine's state where one session
// was asked for. Source: WAHA, src/structures/sessions.dto.ts.
func (n *Node) showSession(p *Phone, one bool) string {
	n.mu.Lock()
	s := n.session(p.Session())
	config, activity := s.config, s.activity
	if n.hit(NoActivity, p.Session()) {
		activity = 0
	}
	n.mu.Unlock()
	var w writer
	w.obj().kstr("name", p.Session()).kstr("status", p.status())
	if len(config) == 0 {
		config = json.RawMessage("null")
	}
	w.kraw("config", string(config))
	n.srv.mu.Lock()
	if p.connected {
		w.kraw("me", p.me)
	} else {
		w.kraw("me", "null")
	}
	n.srv.mu.Unlock()
	w.kraw("presence", "null").key("timestamps").obj()
	if activity > 0 {
		w.kint("activity", activity)
	} else {
		w.kraw("activity", "null")
	}
	w.end()
	if one {
		w.key("engine").obj().kstr("engine", string(p.cfg.Engine)).end()
	}
	return w.end().string()
}
