package radar

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"tandai/internal/store"
)

// Message is what people are told of an alarm, as JSON in Body; docs/operating.md
// describes it.
type Message struct {
	ID      string // 64 hex digits: of the alarm and its revision
	Session string // "" of a WAHA server
	Event   string // alarm.raised, alarm.restarted, alarm.recovered, alarm.cleared
	At      int64  // Unix ms
	Body    []byte
}

type wireMessage struct {
	ID        string            `json:"id"`
	Event     string            `json:"event"`
	Timestamp int64             `json:"timestamp"`
	Alarm     wireAlarm         `json:"alarm"`
	Text      map[string]string `json:"text"`
}

type wireAlarm struct {
	ID          string `json:"id"`
	Revision    int    `json:"revision"`
	State       string `json:"state"` // open | cleared
	Kind        string `json:"kind"`
	Session     string `json:"session,omitempty"`
	Server      string `json:"server,omitempty"`
	Since       int64  `json:"since"`
	RaisedAt    int64  `json:"raised_at"`
	ClearedAt   *int64 `json:"cleared_at"`
	Flaps       int    `json:"flaps"`
	Restarts    int    `json:"restarts"`
	RestartedAt *int64 `json:"restarted_at"`
	store.AlarmDetail
}

// newMessage says how an alarm stands.
func newMessage(a store.Alarm, zone *time.Location) (Message, error) {
	sum := sha256.Sum256(fmt.Appendf(nil, "alarm %s %d", a.ID, a.Revision))
	m := Message{ID: hex.EncodeToString(sum[:]), Event: "alarm." + a.Detail.News, At: a.ChangedAt}
	wire := wireAlarm{
		ID: a.ID, Revision: a.Revision, State: "open", Kind: string(a.Kind), Since: a.Since, RaisedAt: a.RaisedAt,
		Flaps: a.Flaps, Restarts: a.Restarts, AlarmDetail: a.Detail,
	}
	if a.Kind == store.AlarmWAHA {
		wire.Server = a.Subject
	} else {
		wire.Session, m.Session = a.Subject, a.Subject
	}
	if a.ClearedAt != 0 {
		wire.State, wire.ClearedAt = "cleared", &a.ClearedAt
	}
	if a.RestartedAt != 0 {
		wire.RestartedAt = &a.RestartedAt
	}
	body, err := json.Marshal(wireMessage{
		ID: m.ID, Event: m.Event, Timestamp: m.At, Alarm: wire,
		Text: map[string]string{"id": Sentence(a, zone, "id"), "en": Sentence(a, zone, "en")},
	})
	m.Body = body
	return m, err
}

// tell hands on what has changed and was not told. What is over and was never told of
// is left out once it is old: a webhook that is set up later begins with today.
func (s *Service) tell(ctx context.Context, now int64) {
	if s.cfg.Notify == nil {
		return
	}
	s.mu.Lock()
	var due []store.Alarm
	for _, a := range s.alarms {
		if a.Told < a.Revision && (a.ClearedAt == 0 || now-a.ClearedAt < 24*hourMs) {
			due = append(due, a)
		}
	}
	s.mu.Unlock()
	slices.SortFunc(due, func(a, b store.Alarm) int { return int(a.ChangedAt - b.ChangedAt) })
	for _, a := range due {
		m, err := newMessage(a, s.zoneOf(a))
		if err == nil {
			err = s.cfg.Notify(ctx, m)
		}
		if err != nil {
			s.metrics.told.WithLabelValues("failed").Inc()
			s.cfg.Log.WarnContext(ctx, "message about an alarm was not handed on, will be tried again", "kind", string(a.Kind), "subject", a.Subject, "err", err)
			return
		}
		s.metrics.told.WithLabelValues("ok").Inc()
		told := a.Revision
		_, err = s.change(ctx, a.ID, now, func(a *store.Alarm) { a.Told, a.ToldAt = max(a.Told, told), now })
		s.log(ctx, err)
	}
}

func (s *Service) zoneOf(a store.Alarm) *time.Location {
	if a.Kind == store.AlarmWAHA {
		return s.cfg.Zone("")
	}
	return s.cfg.Zone(a.Subject)
}
