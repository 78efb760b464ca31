package radar

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"tandai/internal/waha/rest"
)

// host is what is known of one WAHA server.
type host struct {
	Server
	asked     bool  // at this look
	failing   error // why it does not answer; nil = it does, or nobody asked
	failsFrom int64 // Unix ms
	startedAt int64 // by its own clock; 0 = not known
	restarted bool  // since the last look

	listed   bool // its sessions were read at this look
	sessions map[string]string

	away     Hours // minutes in which its events could not come in
	keyTold  error // what was logged about its key
	lookedAt int64
}

// askHosts asks every WAHA server how it does, all at once.
func (s *Service) askHosts(ctx context.Context, now int64) {
	ctx, cancel := context.WithTimeout(ctx, 40*time.Second)
	defer cancel()
	var all sync.WaitGroup
	for _, h := range s.hosts {
		all.Go(func() { h.ask(ctx, now) })
	}
	all.Wait()
	for _, h := range s.hosts {
		if h.keyTold != nil {
			s.cfg.Log.WarnContext(ctx, "WAHA answers, but does not let radar read: check waha.api_key", "server", h.Name, "err", h.keyTold)
			h.keyTold = errTold
		}
		if h.restarted {
			s.cfg.Log.InfoContext(ctx, "WAHA was restarted: webhooks it had not delivered are lost, comparing", "server", h.Name)
		}
	}
}

// errTold stands for a fault that was logged: it is logged once, until it changes.
var errTold = errors.New("was told")

func (h *host) ask(ctx context.Context, now int64) {
	if h.Connected != nil && !h.Connected() {
		from := h.lookedAt
		if from == 0 || now-from > longestLook || from > now {
			from = now
		}
		h.away.MarkRange(from/minuteMs*minuteMs, now+minuteMs)
	}
	h.lookedAt = now
	h.asked, h.listed, h.restarted, h.sessions = false, false, false, nil
	if h.API == nil {
		return
	}
	h.asked = true
	if err := h.API.Ping(ctx); errors.Is(err, rest.ErrUnreachable) || errors.Is(err, rest.ErrServer) {
		h.fails(err, now)
		return
	}
	status, err := h.API.ServerStatus(ctx)
	switch {
	case errors.Is(err, rest.ErrUnreachable), errors.Is(err, rest.ErrServer):
		h.fails(err, now)
		return
	case err == nil && status.StartedAt != 0:
		// It gives the time it started as now minus uptime: the same one differs a little.
		h.restarted = h.startedAt != 0 && max(status.StartedAt-h.startedAt, h.startedAt-status.StartedAt) > 5000
		h.startedAt = status.StartedAt
	}
	h.failing, h.failsFrom = nil, 0
	list, err := h.API.Sessions(ctx)
	if err != nil {
		if denied := errors.Is(err, rest.ErrUnauthorized) || errors.Is(err, rest.ErrForbidden); denied && !errors.Is(h.keyTold, errTold) {
			h.keyTold = err
		}
		return
	}
	h.keyTold, h.listed, h.sessions = nil, true, map[string]string{}
	for _, session := range list {
		h.sessions[session.Name] = session.Status
	}
}

// longestLook is the pause between two looks after which nobody knows what was between
// them.
const longestLook = 3 * minuteMs

func (h *host) fails(err error, now int64) {
	h.failing = err
	if h.failsFrom == 0 || h.failsFrom > now {
		h.failsFrom = now
	}
}

// hostOf is the server of a session, and the session's name there; nil where no
// server of that prefix is configured.
func (s *Service) hostOf(session string) (*host, string) {
	var first *host
	for _, h := range s.hosts {
		if h.Prefix == "" {
			first = h
			continue
		}
		if local, ok := strings.CutPrefix(session, h.Prefix); ok {
			return h, local
		}
	}
	if strings.Contains(session, ".") {
		return nil, session
	}
	return first, session
}
