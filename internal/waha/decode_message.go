package waha

import "fmt"

// Message is what a message event leaves behind: that somebody wrote in a chat,
// when, in which direction, who they are, and which advert they came from.
type Message struct {
	ID     string // WAHA's message id; empty when it is missing or no word
	At     int64  // Unix ms, WhatsApp's own time, in whole seconds
	FromMe bool   // written by the CS number, on the phone or through WAHA
	ChatID string // a person's as <digits>@c.us or <digits>@lid, others as they came
	Kind   ChatKind
	User   string // see ParseChatID

	// LID and Phone are the two ids of the one person this chat is with, digits;
	// both or neither. Only personal chats have them.
	LID, Phone string

	// Referral is nil when the message carries none, and of our own messages.
	Referral *Referral
}

// maxSeconds is the year 5138: what is above is no time in seconds.
const maxSeconds = 100_000_000_000

func decodeMessage(env *envelope, me Me) (*Message, error) {
	m, problem := readMessage(env)
	if problem != "" {
		return nil, &Problem{Reason: problem}
	}
	out := &Message{}
	id := m.payload[payloadID]
	if !id.absent() && !id.isNull() && !id.isString() {
		return nil, &Problem{"payload.id", id.is() + ", want a string"}
	}
	out.ID = id.wordText()
	var reason string
	if out.At, reason = secondsToMs(m.payload[payloadTimestamp]); reason != "" {
		return nil, &Problem{"payload.timestamp", reason}
	}
	var ok bool
	if out.FromMe, ok = m.fromMe(); !ok {
		return nil, &Problem{"payload.fromMe", m.payload[payloadFromMe].is() + ", want true or false"}
	}
	field, id, err := m.chat(out.FromMe)
	if err != nil {
		return nil, err
	}
	text := id.textOr()
	if out.Kind, out.User, err = ParseChatID(text); err != nil {
		return nil, inField(field, err)
	}
	out.ChatID = canonicalChatID(out.Kind, out.User, text)
	out.LID, out.Phone = m.pair(out, me)
	if !out.FromMe {
		out.Referral = m.referral.decode()
	}
	return out, nil
}

// secondsToMs reads a message's time: whole seconds, as a number or as the string
// of digits that protobufjs makes of 64 bits.
func secondsToMs(v value) (ms int64, reason string) {
	if v.isString() {
		n, ok := parseInt(v.inner())
		if !ok {
			return 0, "is a string that is not a whole number"
		}
		ms = n
	} else if ms, reason = v.integer(); reason != "" {
		return 0, reason
	}
	if ms <= 0 {
		return 0, fmt.Sprintf("is %d, want seconds since 1970", ms)
	}
	if ms >= maxSeconds {
		return 0, fmt.Sprintf("is %d, which is too large for seconds since 1970", ms)
	}
	return ms * 1000, ""
}

// fromMe is WAHA's word, else the engine's. A word of the wrong type is not
// replaced by the engine's.
func (m *messageParts) fromMe() (fromMe, ok bool) {
	for _, v := range []value{m.payload[payloadFromMe], m.info[infoIsFromMe], m.key[keyFromMe]} {
		if fromMe, ok = v.boolean(); ok || !v.absent() && !v.isNull() {
			return fromMe, ok
		}
	}
	return false, false
}

// chat finds the id of the chat, and names the member it was found in. The
// engine's own word comes first, because payload.from and payload.to mean
// different things: with GOWS and NOWEB `from` is the chat in either direction
// and `to` is null; with WEBJS and WPP they are who wrote and who read.
func (m *messageParts) chat(fromMe bool) (field string, id value, err error) {
	type place struct {
		field string
		v     value
	}
	places := []place{
		{"payload._data.Info.Chat", m.info[infoChat]},
		{"payload._data.key.remoteJid", m.key[keyRemoteJid]},
		{"payload.from", m.payload[payloadFrom]},
	}
	if fromMe {
		places = []place{places[0], places[1], {"payload.to", m.payload[payloadTo]}, places[2]}
	}
	for _, p := range places {
		switch {
		case p.v.absent(), p.v.isNull(), string(p.v) == `""`:
		case !p.v.isString():
			return "", nil, &Problem{p.field, p.v.is() + ", want a string"}
		default:
			return p.field, p.v, nil
		}
	}
	reason := m.payload[payloadFrom].is() + ", want a chat id"
	if m.payload[payloadFrom].isString() {
		reason = "is empty or no chat id"
	}
	return "", nil, &Problem{"payload.from", reason}
}

// pair finds the person's other id in the message. Whose it is depends on the
// direction:
//
//   - GOWS: SenderAlt belongs to Sender, so to the chat only when they wrote;
//     RecipientAlt belongs to the chat when we wrote. Source: whatsmeow,
//     parseMessageSource.
//   - NOWEB: remoteJidAlt is the sender's other id, whoever that is; when we
//     wrote it may be our own. Source: Baileys, extractAddressingContext.
//
// An id that is known to be our own is never theirs, and where that cannot be
// told there is no pair.
func (m *messageParts) pair(msg *Message, me Me) (lid, phone string) {
	if !msg.Kind.Personal() {
		return "", ""
	}
	if group, _ := m.info[infoIsGroup].boolean(); group {
		return "", ""
	}
	for _, v := range []value{m.info[infoIsFromMe], m.key[keyFromMe]} {
		if fromMe, ok := v.boolean(); ok && fromMe != msg.FromMe {
			return "", ""
		}
	}
	switch {
	case msg.FromMe:
		if lid, phone = match(msg, m.info[infoRecipientAlt], me); lid != "" {
			return lid, phone
		}
		// Only where our own id of the alternative's kind is known can it be told
		// that the alternative is not ours.
		if msg.Kind == ChatHidden && me.ID == "" || msg.Kind == ChatPhone && me.LID == "" {
			return "", ""
		}
	case m.sentBy(msg):
		if lid, phone = match(msg, m.info[infoSenderAlt], me); lid != "" {
			return lid, phone
		}
	}
	return match(msg, m.key[keyRemoteJidAlt], me)
}

// sentBy says that the engine names the chat's person, or nobody, as the sender.
func (m *messageParts) sentBy(msg *Message) bool {
	sender := m.info[infoSender].textOr()
	kind, user, err := ParseChatID(sender)
	return sender == "" || err == nil && kind == msg.Kind && user == msg.User
}

// match pairs the chat's id with another, which must be of the other kind.
func match(msg *Message, alt value, me Me) (lid, phone string) {
	kind, user, err := ParseChatID(alt.textOr())
	switch {
	case err != nil:
		return "", ""
	case msg.Kind == ChatHidden && kind == ChatPhone:
		lid, phone = msg.User, user
	case msg.Kind == ChatPhone && kind == ChatHidden:
		lid, phone = user, msg.User
	}
	if lid == "" || lid == me.LID || phone == me.ID {
		return "", ""
	}
	return lid, phone
}
