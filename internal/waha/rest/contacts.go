package rest

import (
	"context"
	"net/url"
)

// Chat is one conversation of a session.
type Chat struct {
	ID   string // as webhooks write it
	Name string // what the phone shows; "" when not said
}

// Contact is one entry of a session's contacts.
type Contact struct {
	ID       string // as webhooks write it
	Name     string // as saved on the phone; "" when not said
	PushName string // as the person calls oneself; "" when not said
}

type wireContact struct {
	ID       serialized `json:"id"`
	Name     loose      `json:"name"`
	PushName loose      `json:"pushname"` // the key is matched in any case: pushName, too
	Notify   loose      `json:"notify"`   // Baileys
}

// Chats reads a page of the session's chats, by id; a limit of 0 reads as many as
// WAHA gives. There are as many as WAHA sent, so that fewer than limit say it was
// the last page: one that has no id has none here.
func (c *Client) Chats(ctx context.Context, session string, limit, offset int) ([]Chat, error) {
	o := op{"read the chats", session, RightRead}
	if err := o.checkSession(); err != nil {
		return nil, err
	}
	q := page(limit, offset)
	q.Set("sortBy", "id")
	q.Set("sortOrder", "asc")
	wire, err := c.contacts(ctx, o, path("api", session, "chats"), q)
	if err != nil {
		return nil, err
	}
	all := make([]Chat, len(wire))
	for i, w := range wire {
		all[i] = Chat{ID: canonical(string(w.ID)), Name: string(w.Name)}
	}
	return all, nil
}

// Contacts reads a page of the session's contacts, under the same rules.
func (c *Client) Contacts(ctx context.Context, session string, limit, offset int) ([]Contact, error) {
	o := op{"read the contacts", session, RightRead}
	if err := o.checkSession(); err != nil {
		return nil, err
	}
	q := page(limit, offset)
	q.Set("session", session)
	wire, err := c.contacts(ctx, o, path("api", "contacts", "all"), q)
	if err != nil {
		return nil, err
	}
	all := make([]Contact, len(wire))
	for i, w := range wire {
		all[i] = w.contact()
	}
	return all, nil
}

// Contact reads one contact; WAHA answers for anybody, known or not.
func (c *Client) Contact(ctx context.Context, session, chatID string) (Contact, error) {
	o := op{"read a contact", session, RightRead}
	if err := o.checkSession(); err != nil {
		return Contact{}, err
	}
	if err := o.checkChat(chatID); err != nil {
		return Contact{}, err
	}
	a, err := c.get(ctx, o, path("api", "contacts"), url.Values{"session": {session}, "contactId": {chatID}})
	if err != nil {
		return Contact{}, err
	}
	var wire wireContact
	if err := c.decode(o, a, &wire); err != nil {
		return Contact{}, err
	}
	return wire.contact(), nil
}

// CheckExists asks whether a phone (digits) has WhatsApp, and under which chat
// id; the id is "" when it has not, or WAHA does not say.
func (c *Client) CheckExists(ctx context.Context, session, phone string) (exists bool, chatID string, err error) {
	o := op{"check a number", session, RightRead}
	if err := o.checkSession(); err != nil {
		return false, "", err
	}
	digits, ok := phoneOf(phone)
	if !ok {
		return false, "", o.invalid("that is no phone number, want digits, country code first")
	}
	a, err := c.get(ctx, o, path("api", "contacts", "check-exists"), url.Values{"session": {session}, "phone": {digits}})
	if err != nil {
		return false, "", err
	}
	var wire struct {
		Exists *bool      `json:"numberExists"`
		ChatID serialized `json:"chatId"`
	}
	if err := c.decode(o, a, &wire); err != nil {
		return false, "", err
	}
	if wire.Exists == nil {
		return false, "", o.garbled(a.status, "its answer does not say whether the number exists")
	}
	if wire.ChatID != "" {
		chatID = canonical(string(wire.ChatID))
	}
	return *wire.Exists, chatID, nil
}

func (w wireContact) contact() Contact {
	n := Contact{ID: canonical(string(w.ID)), Name: string(w.Name), PushName: string(w.PushName)}
	if n.PushName == "" {
		n.PushName = string(w.Notify)
	}
	return n
}

func (c *Client) contacts(ctx context.Context, o op, path string, q url.Values) ([]wireContact, error) {
	a, err := c.get(ctx, o, path, q)
	if err != nil {
		return nil, err
	}
	a.body = list(a.body)
	var wire []wireContact
	return wire, c.decode(o, a, &wire)
}
