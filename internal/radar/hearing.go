package radar

import (
	"slices"

	"tandai/internal/store"
)

// Hearing is how a number is judged at this moment.
type Hearing struct {
	Session string
	State   State // Learning, Quiet or Ready
	Deaf    bool  // an alarm is open
	LastAt  int64 // the newest minute in which something arrived, Unix ms; 0 = none known
	AlarmAt int64 // when silence would be an alarm, if it goes on, Unix ms; 0 = not known
}

// Hearing tells how the numbers were judged at the last look; nothing on a server
// that leaves watching to another.
func (s *Service) Hearing() []Hearing {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.hearing)
}

// hear notes how a number is judged.
func (s *Service) hear(session string, m *Model, h *host, now int64) Hearing {
	active := s.known.active[session]
	heard := Hearing{Session: session, State: m.State, LastAt: active.Last(now, lookBack)}
	_, heard.Deaf = s.openAlarm(alarmKey{store.AlarmDeaf, session})
	if m.State == Ready && !heard.Deaf && heard.LastAt != 0 {
		heard.AlarmAt = m.AlarmAt(active, s.known.heardFor(s.unheard(session, h, now)), now)
	}
	return heard
}

// farthest is how far ahead AlarmAt looks, in hours.
const farthest = 14 * 24

// AlarmAt is when a silence that goes on will be taken for deafness, were every minute
// from now on listened to; 0 where that is not within two weeks.
func (m *Model) AlarmAt(active, heard Hours, now int64) int64 {
	since := active.Last(now, lookBack)
	if since == 0 || m.State != Ready {
		return 0
	}
	w := m.walk(active, heard, startOfDay(since, m.zone)/hourMs, max(now, since+minuteMs))
	at := max(now, since+minuteMs) / minuteMs * minuteMs
	for range farthest {
		hour := at / hourMs
		from := int(at % hourMs / minuteMs)
		next := *w
		next.hour(hour, 0, fullHour, from, 60, nil)
		if !m.deaf(&next) {
			*w, at = next, (hour+1)*hourMs
			continue
		}
		for minute := from; minute < 60; minute++ {
			w.hour(hour, 0, fullHour, minute, minute+1, nil)
			if m.deaf(w) {
				return hour*hourMs + int64(minute+1)*minuteMs
			}
		}
	}
	return 0
}
