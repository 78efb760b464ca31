package chaos

import (
	"fmt"
	"math/rand/v2"
	"time"

	"tandai/internal/inbox"
	"tandai/internal/label"
	"tandai/internal/store"
	"tandai/internal/waha/wahasim"
)

// said is one delivery, and what must become of it.
type said struct {
	id      string // event_id
	event   string
	session string
	body    []byte
	about   string // the person, for those who send by person; "" when it is about nobody

	state  inbox.State
	reason string       // of what is skipped
	in     *store.Input // what it adds; nil for nothing
}

func (s said) String() string {
	return fmt.Sprintf("%s %s (session %s): %s", s.event, s.id, s.session, s.body)
}

// story tells what happens on a few phones: a seed, a story.
type story struct {
	rng    *rand.Rand
	phones []*phone
	at     int64
	queue  []said
	names  int
}

// phone is one session.
type phone struct {
	*wahasim.Phone
	number, client string
	connected      bool
	labels         map[string]wahasim.Label // as it shows them
	people         []wahasim.Lead
}

// cast is who is in a story.
type cast struct {
	sessions int // the engines take turns
	people   int // of each session
	prefix   string
}

func newStory(rng *rand.Rand, c cast) *story {
	// Two days ago: the story lasts less, and nothing in it is in the future.
	s := &story{rng: rand.New(rand.NewPCG(rng.Uint64(), 3)), at: time.Now().Add(-48 * time.Hour).UnixMilli()}
	srv := wahasim.New(wahasim.Config{Seed: rng.Uint64()})
	engines := []wahasim.Engine{wahasim.GOWS, wahasim.NOWEB, wahasim.WPP}
	for i := range c.sessions {
		cfg := wahasim.PhoneConfig{
			Session: fmt.Sprintf("%scs%d", c.prefix, i+1), Engine: engines[i%len(engines)],
			Number: fmt.Sprintf("62811%08d", 100+i), LID: fmt.Sprintf("9%013d", 100+i), PushName: "CS",
		}
		if i%2 == 1 {
			cfg.Metadata = map[string]string{"klien": "merek " + cfg.Session}
		}
		p, err := srv.AddPhone(cfg)
		if err != nil {
			panic(err) // the names above are good ones
		}
		ph := &phone{Phone: p, number: cfg.Number, client: cfg.Metadata["klien"], connected: true, labels: map[string]wahasim.Label{}}
		for j := range c.people {
			ph.people = append(ph.people, wahasim.Lead{Phone: fmt.Sprintf("62812%03d%06d", i, j), LID: fmt.Sprintf("2%02d%011d", i, j), Name: "Budi"})
		}
		s.phones = append(s.phones, ph)
	}
	return s
}

// sessions are the names of all sessions.
func (s *story) sessions() []string {
	var names []string
	for _, p := range s.phones {
		names = append(names, p.Session())
	}
	return names
}

// next is what happens next.
func (s *story) next() said {
	for len(s.queue) == 0 {
		switch s.rng.IntN(10) {
		case 0, 1:
			s.at += 1 + s.rng.Int64N(5)
		case 2, 3:
			s.at += s.rng.Int64N(20_000)
		} // else in the same millisecond, as in a burst
		s.happen(s.phones[s.rng.IntN(len(s.phones))])
	}
	first := s.queue[0]
	s.queue = s.queue[1:]
	return first
}

// someone is one of a phone's people, some more often than others, under the
// number or the hidden id.
func (s *story) someone(p *phone) wahasim.Lead {
	n := len(p.people)
	if s.rng.IntN(3) == 0 {
		n = min(n, 12)
	}
	return p.people[s.rng.IntN(n)].As(s.rng.IntN(3) == 0)
}

func (s *story) happen(p *phone) {
	l := s.someone(p)
	id := fmt.Sprint(1 + s.rng.IntN(9))
	switch n := s.rng.IntN(100); {
	case n < 42:
		s.mark(p, l, id, true)
	case n < 66:
		s.mark(p, l, id, false)
	case n < 68: // a change of mind, all in one millisecond
		for i := range 2 + s.rng.IntN(6) {
			s.mark(p, l.As(s.rng.IntN(3) == 0), id, (i+n)%2 == 0)
		}
	case n < 72:
		s.upsert(p, id)
	case n < 75:
		s.deleteLabel(p, id)
	case n < 92:
		s.message(p, l)
	case n < 93:
		s.status(p)
	default:
		s.noise(p, l, id)
	}
}

func (s *story) mark(p *phone, l wahasim.Lead, id string, on bool) {
	ev, status := p.Unlabel(s.at, l, id), label.Removed
	if on {
		ev, status = p.Label(s.at, l, id), label.Added
	}
	in := s.input(p, ev)
	d := s.tell(ev, inbox.Done, "", in)
	d.about = l.Phone
	in.Event = &label.Event{
		ID: d.id, Session: in.Session, ChatID: l.ChatID(), LabelID: id, Status: status, At: ev.At,
		Source: label.FromWebhook, SaidClient: p.client, SaidCS: in.Number,
	}
	if now, ok := p.labels[id]; ok && p.Engine() != wahasim.GOWS {
		in.Sighting = &store.LabelSighting{LabelID: id, Name: now.Name, Color: now.Color}
	}
}

func (s *story) upsert(p *phone, id string) {
	s.names++
	l := wahasim.Label{ID: id, Name: fmt.Sprintf("Grade %d 🔥", s.names), Color: s.rng.IntN(20)}
	p.labels[id] = l
	ev := p.Upsert(s.at, l)
	if ev.IsZero() {
		return // WPP says nothing of it; the name comes with the next event
	}
	in := s.input(p, ev)
	d := s.tell(ev, inbox.Done, "", in)
	in.Change = &store.LabelChange{ID: d.id, LabelID: id, At: ev.At, Name: l.Name, Color: l.Color}
}

func (s *story) deleteLabel(p *phone, id string) {
	full := s.rng.IntN(2) == 0
	was, known := p.labels[id]
	delete(p.labels, id)
	var ev wahasim.Event
	if full {
		ev = p.DeleteLabelByREST(s.at, id)
	} else {
		ev = p.DeleteLabel(s.at, id)
	}
	if ev.IsZero() {
		return
	}
	in := s.input(p, ev)
	d := s.tell(ev, inbox.Done, "", in)
	c := &store.LabelChange{ID: d.id, LabelID: id, Deleted: true, At: ev.At, Color: label.NoColor}
	switch {
	case known && p.Engine() == wahasim.NOWEB:
		c.Color = was.Color // with an empty name
	case known && full:
		c.Name, c.Color = was.Name, was.Color
	}
	in.Change = c
}
