package radar

import (
	"context"
	"time"

	"tandai/internal/store"
)

// Look is what the radar can make of one session, for people.
type Look struct {
	Session     string
	State       State
	DaysHeard   int           // of 14 it needs
	NoticeAfter time.Duration // silence at work after which it is noticed; 0 = it does not judge
	Wary        bool          // days off without notice come too often to be alarms
}

// MinDays is how many days a number has to be heard before it is judged.
const MinDays = minDays

// Survey makes the models of all sessions that were ever counted.
func Survey(ctx context.Context, db store.RadarStore, sessions []store.SessionInfo, cfg Config, now int64) ([]Look, error) {
	var k knowledge
	s := New(Config{Store: surveyed{db}, Zone: cfg.Zone, Calendar: cfg.Calendar, Budget: cfg.Budget, Now: func() time.Time { return time.UnixMilli(now) }})
	if err := s.readAlarms(ctx); err != nil {
		return nil, err
	}
	if err := k.read(ctx, s.cfg.Store, now); err != nil {
		return nil, err
	}
	s.known = k
	learns := len(sessions)
	var all []Look
	for _, info := range sessions {
		m := s.model(info.Session, now, &learns)
		all = append(all, Look{Session: info.Session, State: m.State, DaysHeard: m.DaysHeard, NoticeAfter: m.NoticeAfter(), Wary: m.Wary})
	}
	return all, nil
}

// surveyed is a Store for who only reads.
type surveyed struct{ store.RadarStore }

func (surveyed) SessionList(context.Context) ([]store.SessionInfo, error) { return nil, nil }
