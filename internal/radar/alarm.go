package radar

import (
	"context"
	"time"

	"tandai/internal/store"
)

type alarmKey struct {
	kind    store.AlarmKind
	subject string
}

func keyOf(a store.Alarm) alarmKey { return alarmKey{a.Kind, a.Subject} }

// trouble is since when something has been bad, or good again. What is said twice,
// as NOWEB says STARTING every two seconds, began the first time.
type trouble struct {
	badFrom, goodFrom int64 // as seen by this server, Unix ms; 0 = is not
	began             int64 // as far as anybody knows
}

// condition is what one look found of one thing that alarms are about.
type condition struct {
	alarmKey
	bad        bool
	began      int64         // 0 = not known
	wait, calm time.Duration // bad for so long: raised; good for so long: cleared
	detail     store.AlarmDetail
	cleared    string // why it is good
}

const (
	// An alarm that comes back within reopen is the same one; each time it has to be
	// quiet for twice as long, so that what flaps every few minutes stays open.
	reopen      = 2 * time.Hour
	longestCalm = time.Hour
	maxRecent   = 2000
)

// readAlarms reads the alarms of a quarter, which is as far back as models look. What
// goes on in the background changes none meanwhile: its next change would be refused.
func (s *Service) readAlarms(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second) // pages wait for the lock
	defer cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	all, err := s.cfg.Store.RecentAlarms(ctx, s.now()-window.Milliseconds(), maxRecent)
	if err != nil {
		return err
	}
	s.alarms, s.open = map[string]store.Alarm{}, map[alarmKey]string{}
	for _, a := range all {
		s.keep(a)
	}
	return nil
}

// keep notes an alarm as it is in the database. s.mu is held.
func (s *Service) keep(a store.Alarm) {
	s.alarms[a.ID] = a
	if a.ClearedAt == 0 {
		s.open[keyOf(a)] = a.ID
	} else if s.open[keyOf(a)] == a.ID {
		delete(s.open, keyOf(a))
	}
	for _, k := range Kinds {
		n := 0
		for key := range s.open {
			if key.kind == k {
				n++
			}
		}
		s.metrics.open.WithLabelValues(string(k)).Set(float64(n))
	}
}

// openAlarm is the open alarm of a key.
func (s *Service) openAlarm(key alarmKey) (store.Alarm, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.alarms[s.open[key]]
	return a, ok
}

// openAlarms are all open ones.
func (s *Service) openAlarms() []store.Alarm {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []store.Alarm
	for _, id := range s.open {
		all = append(all, s.alarms[id])
	}
	return all
}

// weigh raises, keeps or clears the alarm of a condition. It returns the alarm where
// it was raised or cleared now.
func (s *Service) weigh(ctx context.Context, now int64, c condition) (*store.Alarm, error) {
	t := s.troubles[c.alarmKey]
	if t == nil {
		t = &trouble{}
		s.troubles[c.alarmKey] = t
	}
	a, open := s.openAlarm(c.alarmKey)
	if !c.bad {
		t.badFrom, t.began = 0, 0
		if !open {
			return nil, nil
		}
		if t.goodFrom == 0 || t.goodFrom > now {
			t.goodFrom = now
		}
		calm := max(min(c.calm<<min(a.Flaps, 10), longestCalm), c.calm)
		if now-t.goodFrom < calm.Milliseconds() {
			return nil, nil
		}
		return s.clear(ctx, a, now, c.cleared)
	}
	t.goodFrom = 0
	if t.badFrom == 0 || t.badFrom > now {
		t.badFrom = now
	}
	if t.began == 0 {
		t.began = min(t.badFrom, now)
		if c.began != 0 {
			t.began = min(c.began, now)
		}
	}
	if open {
		if a.Detail.Status == c.detail.Status && a.Detail.Error == c.detail.Error {
			return nil, nil
		}
		_, err := s.change(ctx, a.ID, now, func(a *store.Alarm) { a.Detail.Status, a.Detail.Error = c.detail.Status, c.detail.Error })
		return nil, err
	}
	if now-t.badFrom < c.wait.Milliseconds() {
		return nil, nil
	}
	return s.raise(ctx, c, now, t.began)
}

// raise opens an alarm, or the last one again where it was cleared not long ago.
func (s *Service) raise(ctx context.Context, c condition, now, began int64) (*store.Alarm, error) {
	c.detail.News = store.NewsRaised
	if last, ok := s.lastOf(c.alarmKey); ok && now-last.ClearedAt < reopen.Milliseconds() && now >= last.ClearedAt {
		back, err := s.change(ctx, last.ID, now, func(a *store.Alarm) {
			a.ClearedAt, a.Since = 0, began
			a.Flaps++
			a.Revision++
			c.detail.Recovered = a.Detail.Recovered
			a.Detail = c.detail
		})
		if back != nil {
			s.said(ctx, *back)
		}
		return back, err
	}
	a := store.Alarm{ID: newID(), Kind: c.kind, Subject: c.subject, RaisedAt: now, Since: began, ChangedAt: now, Revision: 1, Detail: c.detail}
	raised, err := s.cfg.Store.RaiseAlarm(ctx, a)
	if err != nil || !raised { // another server's is open: it is read at the next look
		return nil, err
	}
	s.mu.Lock()
	s.keep(a)
	s.mu.Unlock()
	s.metrics.raised.WithLabelValues(string(a.Kind)).Inc()
	s.said(ctx, a)
	return &a, nil
}

func (s *Service) clear(ctx context.Context, a store.Alarm, now int64, why string) (*store.Alarm, error) {
	cleared, err := s.change(ctx, a.ID, now, func(a *store.Alarm) {
		a.ClearedAt = now
		a.Revision++
		a.Detail.Cleared, a.Detail.News = why, store.NewsCleared
	})
	if cleared != nil {
		s.said(ctx, *cleared)
	}
	return cleared, err
}

// said logs what became of an alarm: as an error while somebody has to look.
func (s *Service) said(ctx context.Context, a store.Alarm) {
	args := []any{"kind", string(a.Kind), "subject", a.Subject, "since", time.UnixMilli(a.Since).UTC().Format(time.RFC3339), "flaps", a.Flaps}
	for _, arg := range []struct {
		key, value string
	}{{"status", a.Detail.Status}, {"cleared", a.Detail.Cleared}, {"err", a.Detail.Error}} {
		if arg.value != "" {
			args = append(args, arg.key, arg.value)
		}
	}
	if a.ClearedAt != 0 {
		s.cfg.Log.InfoContext(ctx, "alarm is over", args...)
		return
	}
	s.cfg.Log.ErrorContext(ctx, "alarm", args...)
}

// lastOf is the newest alarm of a key that is over.
func (s *Service) lastOf(key alarmKey) (last store.Alarm, found bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.alarms {
		if keyOf(a) == key && a.ClearedAt > last.ClearedAt {
			last, found = a, true
		}
	}
	return last, found
}

// change writes a change of an alarm. It returns nil where somebody else was faster:
// then the next look sees what they made of it.
func (s *Service) change(ctx context.Context, id string, now int64, how func(*store.Alarm)) (*store.Alarm, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.alarms[id]
	if !ok {
		return nil, nil
	}
	was := a.ChangedAt
	how(&a)
	a.ChangedAt = max(now, was+1)
	saved, err := s.cfg.Store.SaveAlarm(ctx, a, was)
	if err != nil || !saved {
		return nil, err
	}
	s.keep(a)
	return &a, nil
}

// unheard are the stretches in which nothing of a session could be heard for a reason
// that was known: [from, to), Unix ms. The silence after them is counted from their
// end, and they teach nothing.
func (s *Service) unheard(session string, h *host, now int64) [][2]int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all [][2]int64
	for _, a := range s.alarms {
		until := a.ClearedAt
		if until == 0 {
			until = now
		}
		switch {
		case a.Kind == store.AlarmSession && a.Subject == session, a.Kind == store.AlarmWAHA && h != nil && a.Subject == h.Name:
		case a.Kind == store.AlarmDeaf && a.Subject == session && a.ClearedAt != 0 && a.Detail.Recovered != nil && *a.Detail.Recovered > 0:
			// It was deaf indeed: labels had been missed.
		default:
			continue
		}
		all = append(all, [2]int64{a.Since, until})
	}
	if h != nil {
		for hour, bits := range h.away {
			for m := range int64(60) {
				if bits>>m&1 == 1 {
					all = append(all, [2]int64{hour*hourMs + m*minuteMs, hour*hourMs + (m+1)*minuteMs - 1})
				}
			}
		}
	}
	return all
}
