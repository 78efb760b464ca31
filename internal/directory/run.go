package directory

import (
	"context"
	"sync"
	"time"
)

// atOnce is how many sessions of one server are asked about at the same time.
const atOnce = 8

// Run looks things up until ctx ends, and returns nil. Errors are retried and
// logged.
func (s *Service) Run(ctx context.Context) error {
	var working sync.WaitGroup
	defer working.Wait()
	places := map[WAHA]chan struct{}{} // a slow server holds up no other
	for _, waha := range s.servers {
		places[waha] = make(chan struct{}, atOnce)
	}
	// What this server had claimed in its last life is not waited for.
	if err := s.cfg.Store.ReleaseLookups(ctx, "", s.cfg.Owner); err != nil {
		s.cfg.Log.DebugContext(ctx, "claims of look-ups not given back", "err", err)
	}
	refreshAt := int64(0)
	for ctx.Err() == nil {
		if now := s.now(); now >= refreshAt {
			refreshAt = now + refreshEvery
			if err := s.refresh(ctx); err != nil {
				refreshAt = now + 10*second
				s.cfg.Log.DebugContext(ctx, "look-ups wait for the database", "err", err)
			}
		}
		sessions, next := s.due(ctx)
		for _, session := range sessions {
			waha, _ := s.of(session)
			working.Go(func() {
				select {
				case <-ctx.Done():
					return
				case places[waha] <- struct{}{}:
				}
				defer s.poke()
				defer func() { <-places[waha] }()
				s.serve(ctx, session)
			})
		}
		wait := min(time.Duration(max(min(next, refreshAt)-s.now(), 0))*time.Millisecond, s.cfg.Poll)
		select {
		case <-ctx.Done():
		case <-time.After(max(wait, 10*time.Millisecond)):
		case <-s.wake:
			select { // a batch is mostly followed by others
			case <-ctx.Done():
			case <-time.After(50 * time.Millisecond):
			}
		}
	}
	return nil
}

// refresh brings the list in step with the log and has the labels and hidden ids
// of every session read.
func (s *Service) refresh(ctx context.Context) error {
	if _, _, err := s.cfg.Store.RefreshLookups(ctx); err != nil {
		return err
	}
	list, err := s.cfg.Store.SessionList(ctx)
	if err != nil {
		return err
	}
	hidden, err := s.cfg.Store.HiddenSessions(ctx)
	if err != nil {
		return err
	}
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, i := range list {
		if d := s.desk(i.Session); d != nil {
			d.readLabelsAt(now)
		}
	}
	for _, session := range hidden {
		if d := s.desk(session); d != nil {
			d.bulkDue = now
		}
	}
	return nil
}

// due marks the sessions that have something to ask now as busy and returns them,
// and when to look again.
func (s *Service) due(ctx context.Context) (sessions []string, next int64) {
	now := s.now()
	next = now + s.cfg.Poll.Milliseconds()
	listed, at, err := s.cfg.Store.DueLookups(ctx, now)
	if err != nil {
		s.cfg.Log.DebugContext(ctx, "look-ups wait for the database", "err", err)
		return nil, next
	}
	if at != 0 {
		next = min(next, at)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	onList := map[string]bool{}
	for _, session := range listed {
		if s.desk(session) != nil {
			onList[session] = true
		}
	}
	for session, d := range s.desks {
		for _, t := range []int64{d.labelsDue, d.bulkDue, d.retryAt} {
			if t > now {
				next = min(next, t)
			}
		}
		if d.busy || d.retryAt > now || !(onList[session] || isDue(d.labelsDue, now) || isDue(d.bulkDue, now)) {
			continue
		}
		d.busy = true
		sessions = append(sessions, session)
	}
	return sessions, next
}

// serve asks all that is due in a session.
func (s *Service) serve(ctx context.Context, session string) {
	err := s.ask(ctx, session)
	s.ended(ctx, session, err)
	s.mu.Lock()
	s.desks[session].busy = false
	s.mu.Unlock()
}

func (s *Service) ask(ctx context.Context, session string) error {
	now := s.now()
	s.mu.Lock()
	d := s.desks[session]
	labels, bulk := isDue(d.labelsDue, now), isDue(d.bulkDue, now)
	if labels {
		d.labelsDue = 0
	}
	if bulk {
		d.bulkDue = 0
	}
	s.mu.Unlock()
	if labels {
		if err := s.readLabels(ctx, session); err != nil {
			s.again(session, labels, bulk)
			return err
		}
	}
	var known map[string]string
	if bulk {
		var err error
		if known, err = s.readAll(ctx, session); err != nil {
			s.again(session, false, bulk)
			return err
		}
	}
	return s.askListed(ctx, session, known)
}

// again has what could not be read tried as soon as the session may be asked.
func (s *Service) again(session string, labels, bulk bool) {
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.desks[session]
	if labels {
		d.readLabelsAt(now)
	}
	if bulk {
		d.bulkDue = now
	}
}
