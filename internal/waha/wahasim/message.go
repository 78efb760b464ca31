package wahasim

import (
	"bytes"
	"strconv"
	"time"
)

// Message is one WhatsApp message in a lead's chat. Its text exists only to make
// bodies like WAHA's: a receiver must not keep it.
type Message struct {
	Lead   Lead
	FromMe bool // written by the CS
	Text   string
	API    bool      // sent through WAHA's own interface, not with the phone
	SentAt int64     // WhatsApp's own time, Unix ms (sent in seconds); 0 = when it happened
	ID     string    // WhatsApp's message id; "" makes one
	Ad     *Referral // the advertisement the chat was opened from; on first messages

	// Reveal says the message carries the person's other id beside the one that
	// addresses the chat: SenderAlt or RecipientAlt (GOWS), remoteJidAlt (NOWEB).
	// Messages of WPP and WEBJS never do.
	Reveal bool
	Device int // when not 0, the other id carries a device: 628…:12@s.whatsapp.net
}

// Referral is what a click-to-WhatsApp advertisement leaves in the first message.
type Referral struct {
	AdID, URL, ClickID string
	Title, Body        string
	App                string // "facebook" | "instagram"
	DelaySeconds       int    // from click to message

	// Opaque: only tokens say that there was an advertisement, none says which.
	Opaque bool

	Conversion, Payload string // base64 tokens; "" = usual ones
}

// Message says a message was sent or received: message.any.
func (p *Phone) Message(at int64, m Message) Event {
	p.srv.mu.Lock()
	defer p.srv.mu.Unlock()
	at = p.stamp(at)
	if m.SentAt == 0 {
		m.SentAt = at
	}
	if m.ID == "" {
		m.ID = messageID(m.FromMe, p.srv.messages)
	}
	m.Lead = p.address(m.Lead)
	who := p.person(m.Lead)
	p.rev++
	var payload string
	switch p.cfg.Engine {
	case GOWS:
		payload = p.gowsMessage(m)
	case NOWEB:
		payload = p.nowebMessage(m)
	case WPP:
		payload = p.wppMessage(m)
	default:
		payload = p.webjsMessage(m)
	}
	if !p.traits.webMe && m.reveals() {
		who.pair(m.Lead.LID)
	}
	return p.event(at, "message.any", payload)
}

// Twin is the `message` event WAHA emits beside the message.any of somebody
// else's message, where both are subscribed: same id, same payload.
func (p *Phone) Twin(ev Event) Event {
	ev.Name = "message"
	ev.Body = bytes.Replace(ev.Body, []byte(`"event":"message.any"`), []byte(`"event":"message"`), 1)
	return ev
}

func (m Message) reveals() bool { return m.Reveal && m.Lead.Phone != "" && m.Lead.LID != "" }

// jid is how WhatsApp itself names the chat.
func (l Lead) jid() string {
	if l.byLID() {
		return l.LID + "@lid"
	}
	return l.Phone + "@s.whatsapp.net"
}

// alt is the person's other id, or "" when the message does not carry it.
func (m Message) alt() string {
	if !m.reveals() {
		return ""
	}
	id, domain := m.Lead.Phone, "@s.whatsapp.net"
	if !m.Lead.byLID() {
		id, domain = m.Lead.LID, "@lid"
	}
	if m.Device != 0 {
		id += ":" + strconv.Itoa(m.Device)
	}
	return id + domain
}

func (m Message) source() string {
	if m.API {
		return "api"
	}
	return "app"
}

func (m Message) addressing() string {
	if m.Lead.byLID() {
		return "lid"
	}
	return "pn"
}

// serializedID is WAHA's id of the message.
func (m Message) serializedID() string {
	return strconv.FormatBool(m.FromMe) + "_" + m.Lead.ChatID() + "_" + m.ID
}

// jakarta is the zone the simulated servers run in.
var jakarta = time.FixedZone("WIB", 7*60*60)

// gowsMessage: from is the chat even when the CS wrote; _data is whatsmeow's event.
func (p *Phone) gowsMessage(m Message) string {
	ack, ackName, status := 2, "DEVICE", 3
	sender, name := m.Lead.jid(), m.Lead.Name
	senderAlt, recipientAlt := m.alt(), ""
	if m.FromMe {
		ack, ackName, status = 1, "SERVER", 2
		sender, name = p.cfg.Number+"@s.whatsapp.net", p.cfg.PushName
		if m.Lead.byLID() && p.cfg.LID != "" {
			sender = p.cfg.LID + "@lid"
		}
		senderAlt, recipientAlt = "", senderAlt
	}
	content := m.content(GOWS)

	var w writer
	w.obj().kstr("id", m.serializedID()).kint("timestamp", m.SentAt/1000).
		kstr("from", m.Lead.ChatID()).kbool("fromMe", m.FromMe).kstr("source", m.source()).kstr("body", m.Text).
		pairs(`"to":null,"participant":null,"hasMedia":false,"media":null`).kint("ack", int64(ack)).
		pairs(`"location":null,"vCards":null`).kstr("ackName", ackName).pairs(`"replyTo":null`)
	w.key("_data").obj().key("Info").obj().
		kstr("Chat", m.Lead.jid()).kstr("Sender", sender).kbool("IsFromMe", m.FromMe).pairs(`"IsGroup":false`).
		kstr("AddressingMode", m.addressing()).kstr("SenderAlt", senderAlt).kstr("RecipientAlt", recipientAlt).
		pairs(`"BroadcastListOwner":"","BroadcastRecipients":null`).kstr("ID", m.ID).
		pairs(`"ServerID":0,"Type":"text"`).kstr("PushName", name).
		kstr("Timestamp", time.UnixMilli(m.SentAt).In(jakarta).Format(time.RFC3339)).
		pairs(`"Category":"","Multicast":false,"MediaType":"","Edit":""`).
		pairs(`"MsgBotInfo":{"EditType":"","EditTargetID":"","EditSenderTimestampMS":"0001-01-01T00:00:00Z"}`).
		pairs(`"MsgMetaInfo":{"TargetID":"","TargetSender":"","TargetChat":"","DeprecatedLIDSession":null,"ThreadMessageID":"","ThreadMessageSenderJID":""}`).
		pairs(`"VerifiedName":null,"DeviceSentMeta":null`).end()
	w.kraw("Message", content).
		pairs(`"IsEphemeral":false,"IsViewOnce":false,"IsViewOnceV2":false,"IsViewOnceV2Extension":false,"IsDocumentWithCaption":false`).
		pairs(`"IsLottieSticker":false,"IsBotInvoke":false,"IsEdit":false,"SourceWebMsg":null,"UnavailableRequestID":"","RetryCount":0,"NewsletterMeta":null`).
		kraw("RawMessage", content).kint("Status", int64(status)).end()
	return w.end().string()
}

// nowebMessage: _data is Baileys' message; keys that would be undefined are absent.
func (p *Phone) nowebMessage(m Message) string {
	ack, ackName, status := 2, "DEVICE", 3
	if m.FromMe {
		ack, ackName, status = 1, "SERVER", 2
	}
	var w writer
	w.obj().kstr("id", m.serializedID()).kint("timestamp", m.SentAt/1000).
		kstr("from", m.Lead.ChatID()).kbool("fromMe", m.FromMe).kstr("source", m.source()).kstr("body", m.Text).
		pairs(`"hasMedia":false,"media":null`).kint("ack", int64(ack)).kstr("ackName", ackName).
		pairs(`"location":null,"vCards":null,"replyTo":null`)
	w.key("_data").obj().key("key").obj().
		kstr("remoteJid", m.Lead.jid()).kbool("fromMe", m.FromMe).kstr("id", m.ID)
	if alt := m.alt(); alt != "" {
		w.kstr("remoteJidAlt", alt)
	}
	w.kstr("addressingMode", m.addressing()).end().
		kraw("message", m.content(NOWEB)).kstr("messageTimestamp", strconv.FormatInt(m.SentAt/1000, 10))
	if m.FromMe {
		w.kstr("pushName", p.cfg.PushName)
	} else {
		w.kstr("pushName", m.Lead.Name)
	}
	w.pairs(`"broadcast":false`).kint("status", int64(status)).end()
	return w.end().string()
}

// webjsMessage: from and to are the two sides, not the chat.
func (p *Phone) webjsMessage(m Message) string {
	from, to := p.sides(m)
	var w writer
	w.obj().kstr("id", m.serializedID()).kint("timestamp", m.SentAt/1000).
		kstr("from", from).kbool("fromMe", m.FromMe).kstr("source", m.source()).kstr("to", to).kstr("body", m.Text).
		pairs(`"hasMedia":false,"media":null,"ack":1,"ackName":"SERVER","vCards":[]`)
	w.key("_data").obj().key("id").obj().kbool("fromMe", m.FromMe).kstr("remote", m.Lead.ChatID()).
		kstr("id", m.ID).kstr("_serialized", m.serializedID()).end()
	m.webData(&w, p, from, to)
	return w.end().string()
}

// wppMessage has more keys than WEBJS' and the raw wa-js message as _data.
// Source: WAHA, session.wpp.core.ts, toWAMessage.
func (p *Phone) wppMessage(m Message) string {
	from, to := p.sides(m)
	var w writer
	w.obj().kstr("id", m.serializedID()).kint("timestamp", m.SentAt/1000).
		kstr("from", from).kbool("fromMe", m.FromMe).kstr("source", m.source()).kstr("to", to).pairs(`"participant":null`).
		kstr("body", m.Text).
		pairs(`"hasMedia":false,"media":null,"mediaUrl":null,"ack":1,"ackName":"SERVER","location":null,"vCards":null,"replyTo":null`)
	w.key("_data").obj().kstr("id", m.serializedID())
	m.webData(&w, p, from, to)
	return w.end().string()
}

// webData ends _data as WhatsApp Web models a message. The place of the
// advertisement in it has not been seen on a live WAHA.
func (m Message) webData(w *writer, p *Phone, from, to string) {
	name := m.Lead.Name
	if m.FromMe {
		name = p.cfg.PushName
	}
	w.kstr("body", m.Text).pairs(`"type":"chat"`).kint("t", m.SentAt/1000).
		kstr("notifyName", name).kstr("from", from).kstr("to", to)
	if m.Ad != nil && !m.Ad.Opaque {
		w.key("ctwaContext").obj().pairs(`"conversionSource":"FB_Ads","conversionData":{}`).
			kstr("sourceUrl", m.Ad.URL).kstr("description", m.Ad.Body).kstr("title", m.Ad.Title).
			pairs(`"thumbnail":"/9j/4AAQ","mediaType":1,"mediaUrl":null`).end()
	}
	w.end()
}

func (p *Phone) sides(m Message) (from, to string) {
	me := p.cfg.Number + "@c.us"
	if m.FromMe {
		return me, m.Lead.ChatID()
	}
	return m.Lead.ChatID(), me
}
