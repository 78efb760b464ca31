package chaos

import (
	"bytes"
	"fmt"

	"tandai/internal/inbox"
	"tandai/internal/label"
	"tandai/internal/lead"
	"tandai/internal/store"
	"tandai/internal/waha/wahasim"
)

// input is what every event of a phone adds: the number and client it names.
func (s *story) input(p *phone, ev wahasim.Event) *store.Input {
	in := &store.Input{Session: p.Session(), At: ev.At, Client: p.client}
	if p.connected {
		in.Number = p.number
	}
	return in
}

// tell queues an event; what is returned may be completed until the next call.
func (s *story) tell(ev wahasim.Event, state inbox.State, reason string, in *store.Input) *said {
	s.queue = append(s.queue, said{
		id: label.EventID("", ev.Session, ev.Name, ev.ID), event: ev.Name, session: ev.Session, body: ev.Body,
		state: state, reason: reason, in: in,
	})
	return &s.queue[len(s.queue)-1]
}

// message is somebody writing; every third tells that number and hidden id are
// one person, and every sixth comes as `message` too.
func (s *story) message(p *phone, l wahasim.Lead) {
	m := wahasim.Message{Lead: l, FromMe: s.rng.IntN(3) == 0, Text: "Halo kak, masih ada? 😊", SentAt: s.at / 1000 * 1000}
	m.Reveal = !m.FromMe && s.rng.IntN(2) == 0
	ev := p.Message(s.at, m)
	c := &lead.Contact{Session: p.Session(), ChatID: l.ChatID()}
	if m.FromMe {
		c.FirstOutAt, c.LastOutAt = m.SentAt, m.SentAt
	} else {
		c.FirstInAt, c.LastInAt = m.SentAt, m.SentAt
	}
	in := s.input(p, ev)
	in.Contact = c
	if m.Reveal && p.Engine() != wahasim.WPP {
		in.Pair = &lead.Pair{Hidden: lead.Hidden(l.LID), Phone: l.Phone, FirstAt: ev.At, LastAt: ev.At}
	}
	s.tell(ev, inbox.Done, "", in).about = l.Phone
	if !m.FromMe && s.rng.IntN(4) == 0 {
		s.tell(p.Twin(ev), inbox.Done, "", in).about = l.Phone
	}
}

// status is a restart of the session: until it works again, events do not say
// whose they are.
func (s *story) status(p *phone) {
	now := wahasim.StatusStarting
	if p.connected = !p.connected; p.connected {
		now = wahasim.StatusWorking
	}
	ev := p.Status(s.at, now, "")
	in := s.input(p, ev)
	in.Status = now
	s.tell(ev, inbox.Done, "", in)
}

// noise is what adds nothing: other chats, events nobody reads, and bodies that
// cannot be understood.
func (s *story) noise(p *phone, l wahasim.Lead, id string) {
	switch s.rng.IntN(6) {
	case 0:
		s.tell(p.LabelChat(s.at, "120363025246125486@g.us", id, true), inbox.Skipped, "group", nil)
	case 1:
		s.tell(p.LabelChat(s.at, "120363144038483540@newsletter", id, true), inbox.Skipped, "newsletter", nil)
	case 2:
		s.tell(p.LabelChat(s.at, "status@broadcast", id, false), inbox.Skipped, "broadcast", nil)
	case 3:
		s.tell(renamed(p.LabelChat(s.at, l.ChatID(), id, true), "presence.update"), inbox.Skipped, "unused_event", nil)
	case 4:
		s.tell(renamed(p.LabelChat(s.at, l.ChatID(), id, true), "label.chat.pinned"), inbox.Skipped, "unknown_event", nil)
	default:
		ev := p.LabelChat(s.at, l.ChatID(), id, true)
		ev.Body = bytes.Replace(ev.Body, []byte(`"labelId":"`+id+`"`), []byte(`"labelId":`+id), 1)
		s.tell(ev, inbox.Quarantined, "payload.labelId is a number, want a string", nil)
	}
}

// renamed is an event under another name.
func renamed(ev wahasim.Event, name string) wahasim.Event {
	ev.Body = bytes.Replace(ev.Body, fmt.Appendf(nil, `"event":%q`, ev.Name), fmt.Appendf(nil, `"event":%q`, name), 1)
	ev.Name = name
	return ev
}
