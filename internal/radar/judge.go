package radar

import (
	"context"
	"time"

	"tandai/internal/store"
)

const (
	working = "WORKING"
	// calm is how long something has to be well before its alarm is over.
	calm     = 2 * time.Minute
	deafCalm = time.Minute
	// learnAtOnce is how many models are made anew in one look.
	learnAtOnce = 25
)

// judge looks at every WAHA server and every session.
func (s *Service) judge(ctx context.Context, now int64, sessions []store.SessionInfo) {
	for _, h := range s.hosts {
		s.judgeHost(ctx, now, h, sessions)
	}
	states := map[State]int{}
	learns := learnAtOnce
	var hearing []Hearing
	for _, info := range sessions {
		if s.cfg.Ignored(info.Session) {
			s.clearAll(ctx, now, info.Session, store.ClearedDisabled, store.AlarmDeaf, store.AlarmSession)
			continue
		}
		m := s.model(info.Session, now, &learns)
		states[m.State]++
		s.judgeSession(ctx, now, info, m)
		h, _ := s.hostOf(info.Session)
		hearing = append(hearing, s.hear(info.Session, m, h, now))
	}
	s.mu.Lock()
	s.hearing = hearing
	s.mu.Unlock()
	for _, state := range []State{Learning, Quiet, Ready} {
		s.metrics.sessions.WithLabelValues(string(state)).Set(float64(states[state]))
	}
	asked := map[string]bool{}
	for _, h := range s.hosts {
		asked[h.Name] = h.API != nil
	}
	for _, a := range s.openAlarms() {
		if a.Kind == store.AlarmWAHA && !asked[a.Subject] {
			s.log(ctx, firstErr(s.clear(ctx, a, now, store.ClearedDisabled)))
		}
	}
}

func firstErr(_ *store.Alarm, err error) error { return err }

// log tells of an alarm that could not be written: the next look tries again.
func (s *Service) log(ctx context.Context, err error) {
	if err != nil && ctx.Err() == nil {
		s.cfg.Log.WarnContext(ctx, "alarm could not be written, will be tried again", "err", err)
	}
}

func (s *Service) clearAll(ctx context.Context, now int64, subject, why string, kinds ...store.AlarmKind) {
	for _, k := range kinds {
		if a, open := s.openAlarm(alarmKey{k, subject}); open {
			s.log(ctx, firstErr(s.clear(ctx, a, now, why)))
		}
	}
}

func (s *Service) judgeHost(ctx context.Context, now int64, h *host, sessions []store.SessionInfo) {
	if !h.asked {
		return
	}
	c := condition{alarmKey: alarmKey{store.AlarmWAHA, h.Name}, bad: h.failing != nil, began: h.failsFrom, wait: s.cfg.WAHAGrace, calm: calm, cleared: store.ClearedAnswers}
	if h.failing != nil {
		c.detail.Error = h.failing.Error()
	}
	a, err := s.weigh(ctx, now, c)
	s.log(ctx, err)
	if h.restarted || a != nil && a.ClearedAt != 0 {
		for _, info := range sessions {
			if own, _ := s.hostOf(info.Session); own == h {
				s.trigger(info.Session, "start")
			}
		}
	}
}

func (s *Service) trigger(session, reason string) {
	if s.cfg.Trigger != nil {
		s.cfg.Trigger(session, reason)
	}
}

// model is the session's model, made anew every few hours.
func (s *Service) model(session string, now int64, learns *int) *Model {
	m, at := s.known.models[session], s.learntAt[session]
	if m != nil && (*learns <= 0 || now-at < relearnEvery && now >= at) {
		return m
	}
	*learns--
	h, _ := s.hostOf(session)
	m = Learn(s.known.active[session], s.known.heardFor(s.unheard(session, h, now)), now, Options{Zone: s.cfg.Zone(session), Calendar: s.cfg.Calendar, Budget: s.cfg.Budget})
	s.known.models[session], s.learntAt[session] = m, now
	return m
}

func (s *Service) judgeSession(ctx context.Context, now int64, info store.SessionInfo, m *Model) {
	if s.isActing(info.Session) {
		return
	}
	h, local := s.hostOf(info.Session)
	status, began, removed := info.Status, info.StatusAt, false
	if h != nil && h.listed {
		said, there := h.sessions[local]
		if said != status {
			status, began = said, 0
		}
		removed = !there
	}
	if removed {
		s.clearAll(ctx, now, info.Session, store.ClearedRemoved, store.AlarmDeaf, store.AlarmSession)
		return
	}
	if h != nil && h.failing != nil {
		return // WAHA itself is the trouble
	}
	session := alarmKey{store.AlarmSession, info.Session}
	if status != "" {
		_, err := s.weigh(ctx, now, condition{
			alarmKey: session, bad: status != working, began: began, wait: s.cfg.SessionGrace, calm: calm,
			detail: store.AlarmDetail{Status: status}, cleared: store.ClearedWorking,
		})
		s.log(ctx, err)
	}
	if _, open := s.openAlarm(session); open {
		if status != working {
			s.clearAll(ctx, now, info.Session, store.ClearedOther, store.AlarmDeaf)
		}
		return
	}
	if status != "" && status != working {
		return // within the grace
	}
	s.judgeSilence(ctx, now, info.Session, status, h, m)
}

func (s *Service) judgeSilence(ctx context.Context, now int64, session, status string, h *host, m *Model) {
	v := m.Judge(s.known.active[session], s.known.heardFor(s.unheard(session, h, now)), now)
	key := alarmKey{store.AlarmDeaf, session}
	c := condition{
		alarmKey: key, bad: v.Deaf, began: v.Since, calm: deafCalm, cleared: store.ClearedEvents,
		detail: store.AlarmDetail{Status: status, Expected: v.Expected, Every: v.Every},
	}
	if a, open := s.openAlarm(key); open {
		// Once it is open only an event ends it, or that none is to be expected any more.
		c.bad = v.Since < a.Since+minuteMs && m.State != Quiet
		if m.State == Quiet && v.Since < a.Since+minuteMs {
			c.cleared = store.ClearedQuiet
		}
	}
	a, err := s.weigh(ctx, now, c)
	s.log(ctx, err)
	switch {
	case a != nil && a.ClearedAt == 0:
		s.recover(now, *a, h)
	case a != nil && a.Detail.Cleared == store.ClearedEvents:
		s.reconcile(*a)
	case a == nil:
		if open, ok := s.openAlarm(key); ok {
			s.restartDeaf(now, open, h) // another one, once the pause is over
		}
	}
}
