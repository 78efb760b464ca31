package radar

import (
	"context"
	"time"

	"tandai/internal/store"
)

const (
	// restartTime is how long a session may take to be WORKING again.
	restartTime = 3 * time.Minute
	// reconcileTime bounds a comparison with WAHA: two reads, minutes apart.
	reconcileTime = 30 * time.Minute
)

func (s *Service) isActing(session string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.acting[session]
}

// begin takes a session for a restart; false where one is under way.
func (s *Service) begin(session string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.acting[session] {
		return false
	}
	s.acting[session] = true
	return true
}

func (s *Service) end(session string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.acting, session)
}

// recover does what can be done for a session that was found deaf: restart it where
// that is wanted and allowed, then have it compared with WAHA.
func (s *Service) recover(now int64, a store.Alarm, h *host) {
	if !s.restartDeaf(now, a, h) {
		s.reconcile(a)
	}
}

// restartDeaf restarts a deaf session in the background and has it compared then;
// false where that is not wanted, or not allowed now.
func (s *Service) restartDeaf(now int64, a store.Alarm, h *host) bool {
	if !s.cfg.Restart.Enabled || h == nil || h.API == nil || !s.mayRestart(a, now) || !s.begin(a.Subject) {
		return false
	}
	_, local := s.hostOf(a.Subject)
	s.background(func(ctx context.Context) {
		if s.restarted(ctx, now, a, h.API, local) {
			s.compare(ctx, a)
		}
	})
	return true
}

// restarted restarts a session and notes what came of it; false where it was not even
// tried. The session is not judged meanwhile.
func (s *Service) restarted(ctx context.Context, now int64, a store.Alarm, api WAHA, local string) bool {
	defer s.end(a.Subject)
	// Counted before it is done: a crash in between must not make it one too many.
	counted, err := s.change(ctx, a.ID, now, func(a *store.Alarm) { a.Restarts++; a.RestartedAt = now; a.Detail.Restart = "" })
	if err != nil || counted == nil {
		s.log(ctx, err)
		return false
	}
	s.cfg.Log.WarnContext(ctx, "restarting a deaf session through WAHA", "session", a.Subject, "restart", counted.Restarts)
	result := "done"
	if err := s.restart(ctx, api, local); err != nil {
		s.metrics.restarts.WithLabelValues("failed").Inc()
		s.cfg.Log.ErrorContext(ctx, "deaf session could not be restarted", "session", a.Subject, "err", err)
		result = err.Error()
	} else {
		s.metrics.restarts.WithLabelValues("ok").Inc()
	}
	_, err = s.change(ctx, a.ID, s.now(), func(a *store.Alarm) {
		a.Detail.Restart, a.Detail.News = cut(result, 300), store.NewsRestarted
		a.Revision++
	})
	s.log(ctx, err)
	return true
}

func cut(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}

// mayRestart tells whether the limits allow another restart.
func (s *Service) mayRestart(a store.Alarm, now int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	today := 0
	for _, other := range s.alarms {
		if other.Kind != store.AlarmDeaf || other.Subject != a.Subject || other.Restarts == 0 {
			continue
		}
		if now-other.RestartedAt < s.cfg.Restart.Pause.Milliseconds() {
			return false
		}
		if now-other.RestartedAt < 24*hourMs {
			today += other.Restarts
		}
	}
	return today < s.cfg.Restart.PerDay
}

// restart restarts a session and waits until it works.
func (s *Service) restart(ctx context.Context, api WAHA, local string) error {
	ctx, cancel := context.WithTimeout(ctx, restartTime)
	defer cancel()
	if err := api.RestartSession(ctx, local); err != nil {
		return err
	}
	status := ""
	for {
		select {
		case <-ctx.Done():
			return errNotBack(status)
		case <-time.After(s.cfg.poll):
		}
		session, err := api.Session(ctx, local)
		if err == nil && session.Status == working {
			return nil
		}
		if err == nil {
			status = session.Status
		}
	}
}

type errNotBack string

func (e errNotBack) Error() string {
	if e == "" {
		return "it was restarted, and WAHA has not said since how it does"
	}
	return "it was restarted, and is " + string(e) + " since"
}

// reconcile compares a session with WAHA in the background.
func (s *Service) reconcile(a store.Alarm) {
	if s.cfg.Reconcile == nil {
		s.trigger(a.Subject, "deaf")
		return
	}
	s.background(func(ctx context.Context) { s.compare(ctx, a) })
}

// compare compares a session with WAHA and notes what was recovered.
func (s *Service) compare(ctx context.Context, a store.Alarm) {
	if s.cfg.Reconcile == nil {
		s.trigger(a.Subject, "deaf")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, reconcileTime)
	defer cancel()
	n, err := s.cfg.Reconcile(ctx, a.Subject, "deaf")
	if err != nil {
		if ctx.Err() == nil {
			s.cfg.Log.WarnContext(ctx, "session could not be compared with WAHA after an alarm", "session", a.Subject, "err", err)
		}
		return
	}
	s.cfg.Log.InfoContext(ctx, "session was compared with WAHA after an alarm", "session", a.Subject, "recovered", n)
	_, err = s.change(ctx, a.ID, s.now(), func(a *store.Alarm) {
		sum := n
		if a.Detail.Recovered != nil {
			sum += *a.Detail.Recovered
		}
		a.Detail.Recovered = &sum
		if n > 0 {
			a.Detail.News = store.NewsRecovered
			a.Revision++
		}
	})
	s.log(ctx, err)
}
