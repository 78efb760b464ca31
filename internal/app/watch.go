package app

import (
	"context"
	"time"

	"tandai/internal/store"
)

const (
	watchEvery = 2 * time.Second
	// recheckEvery bounds how often a database behind a balancer, where every
	// answer may come from another server, is checked for what it has.
	recheckEvery = time.Minute
)

// watch asks the database every few seconds whether it is there, so that its
// going away is seen although nothing happens, and whether it is still the one it
// was: the driver connects anew without a word.
func (s *Server) watch(ctx context.Context) {
	var last lastServer
	for ; ctx.Err() == nil; sleep(ctx, watchEvery) {
		asked := time.Now()
		ask, cancel := context.WithTimeout(ctx, 2*watchEvery)
		server, err := s.store.Server(ask)
		cancel()
		if ctx.Err() != nil {
			return
		}
		s.pipe.Saw(ctx, err)
		if err == nil && last.another(server, asked, time.Now()) {
			s.log.WarnContext(ctx, "database server is another or was started anew: looking whether it has what was recorded", "server", server.Name, "up", server.Up)
			s.pipe.Recheck()
		}
	}
}

// lastServer is what answered the last time.
type lastServer struct {
	server  store.Server
	at      time.Time // when it had answered
	due     bool      // another one answered, and that has not been told yet
	checked time.Time // when it was told the last time
}

// another tells whether the server is another than the one before, or the same
// started anew; not more often than every recheckEvery.
func (l *lastServer) another(s store.Server, asked, now time.Time) bool {
	const slack = 1500 * time.Millisecond // uptimes are in whole seconds, by the server's clock
	if before := l.server; before.Name != "" && s.Name != "" {
		if s.Name != before.Name || s.Up < before.Up+asked.Sub(l.at)-slack {
			l.due = true
		}
	}
	l.server, l.at = s, now
	if !l.due || !l.checked.IsZero() && now.Sub(l.checked) < recheckEvery {
		return false
	}
	l.due, l.checked = false, now
	return true
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
