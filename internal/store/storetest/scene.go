package storetest

import (
	"fmt"

	"tandai/internal/label"
	"tandai/internal/lead"
	"tandai/internal/store"
)

// Epoch is when scenes begin: 29 July 2025, 21:22:25.612 in Jakarta. The times
// their builders take are milliseconds after it.
const Epoch int64 = 1753798945612

const (
	jakarta = "Asia/Jakarta"
	day     = 24 * 60 * 60 * 1000
)

// Scene builds the inputs of one session. Equal calls give equal inputs, ids
// included: a delivery that comes twice.
type Scene struct{ Session string }

// Put is a label put on a chat.
func (s Scene) Put(chatID, labelID string, at int64) store.Input {
	return s.event(label.Added, chatID, labelID, at)
}

// Take is a label taken off a chat.
func (s Scene) Take(chatID, labelID string, at int64) store.Input {
	return s.event(label.Removed, chatID, labelID, at)
}

// Found is a label that was on the chat when we first looked.
func (s Scene) Found(chatID, labelID string, at int64) store.Input {
	in := s.event(label.Added, chatID, labelID, at)
	in.Event.Source, in.Event.StartUnknown, in.Event.NotBefore = label.FromSnapshot, true, Epoch+at-1000
	return in
}

func (s Scene) event(status label.Status, chatID, labelID string, at int64) store.Input {
	return store.Input{Session: s.Session, At: Epoch + at, Event: &label.Event{
		ID:      label.EventID("", s.Session, string(status), fmt.Sprint(chatID, " ", labelID, " ", at)),
		Session: s.Session, ChatID: chatID, LabelID: labelID, Status: status, At: Epoch + at,
		Source: label.FromWebhook, ReceivedAt: Epoch + at + 7,
	}}
}

// Name is the label itself made, renamed or coloured.
func (s Scene) Name(labelID, name string, color int, at int64) store.Input {
	return s.change(store.LabelChange{LabelID: labelID, Name: name, Color: color}, at)
}

// Delete is the label itself deleted, by an engine that says no more of it.
func (s Scene) Delete(labelID string, at int64) store.Input {
	return s.change(store.LabelChange{LabelID: labelID, Deleted: true, Color: label.NoColor}, at)
}

func (s Scene) change(c store.LabelChange, at int64) store.Input {
	c.ID = label.EventID("", s.Session, "label", fmt.Sprint(c.Deleted, c.LabelID, " ", c.Name, " ", c.Color, " ", at))
	c.At, c.ReceivedAt = Epoch+at, Epoch+at+7
	return store.Input{Session: s.Session, At: Epoch + at, Change: &c}
}

// Sight is a label's name carried by another event.
func (s Scene) Sight(labelID, name string, color int, at int64) store.Input {
	return store.Input{Session: s.Session, At: Epoch + at, Sighting: &store.LabelSighting{LabelID: labelID, Name: name, Color: color}}
}

// Pair is a message that shows a hidden id (digits + "@lid") and a phone to be
// one person.
func (s Scene) Pair(hidden, phone string, at int64) store.Input {
	return store.Input{Session: s.Session, At: Epoch + at, Pair: &lead.Pair{Hidden: hidden, Phone: phone, FirstAt: Epoch + at, LastAt: Epoch + at}}
}

// Number is an envelope that shows the session's own number.
func (s Scene) Number(number string, at int64) store.Input {
	return store.Input{Session: s.Session, At: Epoch + at, Number: number}
}

// Client is an envelope whose metadata names the client.
func (s Scene) Client(client string, at int64) store.Input {
	return store.Input{Session: s.Session, At: Epoch + at, Client: client}
}

// Status is what WAHA says of the session.
func (s Scene) Status(status string, at int64) store.Input {
	return store.Input{Session: s.Session, At: Epoch + at, Status: status}
}

// Said is a session.status of a NOWEB session that tells of one step.
func (s Scene) Said(status string, at int64) store.Input {
	in := s.Status(status, at)
	in.Engine, in.Statuses = store.EngineNOWEB, []store.StatusAt{{Status: status, At: Epoch + at}}
	return in
}

// In is a message from the lead, Out one from the CS.
func (s Scene) In(chatID string, at int64) store.Input {
	return s.contact(lead.Contact{ChatID: chatID, FirstInAt: Epoch + at, LastInAt: Epoch + at}, at)
}

// Out is a message from the CS.
func (s Scene) Out(chatID string, at int64) store.Input {
	return s.contact(lead.Contact{ChatID: chatID, FirstOutAt: Epoch + at, LastOutAt: Epoch + at}, at)
}

// Ad is a message from the lead that came from an advertisement.
func (s Scene) Ad(chatID string, r lead.Referral, at int64) store.Input {
	return s.contact(lead.Contact{ChatID: chatID, FirstInAt: Epoch + at, LastInAt: Epoch + at, ReferralAt: Epoch + at, Referral: r}, at)
}

func (s Scene) contact(c lead.Contact, at int64) store.Input {
	c.Session = s.Session
	return store.Input{Session: s.Session, At: Epoch + at, Contact: &c}
}

// From is the input as an envelope that shows the session's number and names
// the client; either may be "".
func From(in store.Input, number, client string) store.Input {
	in.Number, in.Client = number, client
	if in.Event != nil {
		e := *in.Event
		e.SaidCS, e.SaidClient = number, client
		in.Event = &e
	}
	return in
}

// Called is the input as an envelope that carries the label's name, as NOWEB
// and WPP send it.
func Called(in store.Input, name string, color int) store.Input {
	in.Sighting = &store.LabelSighting{LabelID: in.Event.LabelID, Name: name, Color: color}
	return in
}
