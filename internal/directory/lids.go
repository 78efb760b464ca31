package directory

import (
	"context"
	"errors"
	"sync"

	"golang.org/x/sync/errgroup"

	"tandai/internal/lead"
	"tandai/internal/store"
	"tandai/internal/waha/rest"
)

const (
	claimSize = 200        // ids claimed at once
	claimTime = 5 * minute // until others may ask about them; longer than a claim can take
	many      = 50         // due ids from which WAHA's whole list is read
	parallel  = 4          // questions of one session at once
	giveUp    = 30 * day   // after the first question
)

// pauses are how long an id that WAHA does not know is left alone, by how often
// it was asked about before.
var pauses = []int64{5 * minute, 30 * minute, 2 * hour, 6 * hour, 24 * hour}

// unknown is the answer "not known" to a question asked at at.
func unknown(l store.Lookup, at int64) store.LookupAnswer {
	a := store.LookupAnswer{Session: l.Session, Hidden: l.Hidden, AskedAt: at, NextAt: at + pauses[min(l.Asked, len(pauses)-1)]}
	if l.FirstAskedAt != 0 && at-l.FirstAskedAt >= giveUp {
		a.GaveUpAt = at
	}
	return a
}

func pairOf(session, hidden, phone string, at int64) store.Input {
	return store.Input{Session: session, At: at, Pair: &lead.Pair{Hidden: hidden, Phone: phone, FirstAt: at, LastAt: at}}
}

// askListed asks about all that is due on the list. all is what WAHA's whole list
// has just said, nil where it was not read.
func (s *Service) askListed(ctx context.Context, session string, all map[string]string) error {
	for {
		now := s.now()
		claimed, err := s.cfg.Store.ClaimLookups(ctx, store.LookupClaim{
			Session: session, By: s.cfg.Owner, Now: now, Until: now + claimTime, Limit: claimSize,
		})
		if err != nil {
			return fromStore(err)
		}
		if len(claimed) == 0 {
			return nil
		}
		if all == nil && len(claimed) >= many && s.bulkIsOld(session, now) {
			if all, err = s.readAll(ctx, session); err != nil {
				return s.release(ctx, session, err)
			}
		}
		if all != nil {
			err = s.answerFrom(ctx, claimed, all, now)
		} else {
			err = s.askEach(ctx, session, claimed)
		}
		if err != nil {
			return s.release(ctx, session, err)
		}
	}
}

func (s *Service) bulkIsOld(session string, now int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return now-s.desks[session].bulkRead >= bulkEvery
}

// release gives the claims back, so that nobody waits until they end.
func (s *Service) release(ctx context.Context, session string, cause error) error {
	if err := s.cfg.Store.ReleaseLookups(context.WithoutCancel(ctx), session, s.cfg.Owner); err != nil {
		s.cfg.Log.DebugContext(ctx, "claims of look-ups not given back", "session", session, "err", err)
	}
	return cause
}

func (s *Service) answerFrom(ctx context.Context, claimed []store.Lookup, all map[string]string, at int64) error {
	var found []store.Input
	var not []store.LookupAnswer
	for _, l := range claimed {
		if phone := all[l.Hidden]; phone != "" {
			found = append(found, pairOf(l.Session, l.Hidden, phone, at))
		} else {
			not = append(not, unknown(l, at))
		}
	}
	return s.settle(ctx, found, not)
}

// settle records what was found and notes what was not.
func (s *Service) settle(ctx context.Context, found []store.Input, not []store.LookupAnswer) error {
	s.cfg.Metrics.hidden(len(found), len(not))
	if _, err := s.record(ctx, found); err != nil {
		return err
	}
	for _, a := range not {
		if a.GaveUpAt != 0 {
			s.cfg.Metrics.gaveUp.Inc()
		}
	}
	return fromStore(s.cfg.Store.SettleLookups(ctx, not))
}

// askEach asks about the claimed ids one by one. An answer that is about one id
// alone counts as not known; what is about the session ends the round, and the
// ids not asked about stay as they were.
func (s *Service) askEach(ctx context.Context, session string, claimed []store.Lookup) error {
	waha, name := s.of(session)
	var mu sync.Mutex
	var found []store.Input
	var not []store.LookupAnswer
	failed := 0
	var g errgroup.Group
	g.SetLimit(parallel)
	over, stop := context.WithCancel(ctx)
	defer stop()
	for _, l := range claimed {
		if over.Err() != nil {
			break
		}
		g.Go(func() error {
			at := s.now()
			phone, err := waha.Lid(over, name, l.Hidden)
			if over.Err() != nil {
				return nil // another question's failure, or the end
			}
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil && phone != "":
				found = append(found, pairOf(session, l.Hidden, phone, at))
			case err == nil, errors.Is(err, rest.ErrInvalid):
				not = append(not, unknown(l, at))
			case errors.Is(err, rest.ErrServer):
				not = append(not, unknown(l, at)) // it may be this one: the others are not to wait for it
				if failed++; failed < 3 {
					return nil
				}
				stop()
				return err
			default:
				stop()
				return err
			}
			failed = 0
			return nil
		})
	}
	err := g.Wait()
	if err != nil {
		s.cfg.Metrics.failed("lid")
	}
	if settled := s.settle(ctx, found, not); settled != nil {
		return settled
	}
	return err
}

// readAll reads WAHA's list of hidden ids, and records those that the session has
// heard of and that are not known so. What is known already costs nothing; the
// rest of the phone's contacts is nobody's business.
func (s *Service) readAll(ctx context.Context, session string) (map[string]string, error) {
	waha, name := s.of(session)
	all := map[string]string{}
	began := s.now()
	at := began
	ask := func(limit, offset int) ([]rest.LidPair, error) {
		at = s.now()
		pairs, err := waha.Lids(ctx, name, limit, offset)
		if err != nil {
			s.cfg.Metrics.failed("lids")
		}
		return pairs, err
	}
	err := rest.EachLid(ask, func(pairs []rest.LidPair) error {
		var hidden []string
		for _, p := range pairs {
			if p.Hidden != "" && p.Phone != "" {
				all[p.Hidden] = p.Phone
				hidden = append(hidden, p.Hidden)
			}
		}
		known, err := s.cfg.Store.HiddenAmong(ctx, session, hidden)
		if err != nil {
			return fromStore(err)
		}
		var found []store.Input
		for _, h := range hidden {
			if phone, heard := known[h]; heard && phone != all[h] {
				found = append(found, pairOf(session, h, all[h], at))
			}
		}
		s.cfg.Metrics.hidden(len(found), 0)
		_, err = s.record(ctx, found)
		return err
	})
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.desks[session].bulkRead = began
	s.mu.Unlock()
	return all, nil
}
