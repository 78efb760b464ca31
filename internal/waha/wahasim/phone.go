package wahasim

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
)

// Event is one thing WAHA emits: the body to POST and what the sender needs.
// The zero Event means the engine emits nothing for what happened; Faults and
// Sender pass over it.
type Event struct {
	ID      string // envelope id, `evt_` + ULID
	Name    string // "label.chat.added", …
	Session string
	At      int64  // the envelope's timestamp, Unix ms
	Version string // of the WAHA that sends it: its User-Agent
	Hook    string // "" for the session's webhook, "global" for the environment's
	Body    []byte // the exact body; not to be changed
}

// IsZero reports whether nothing is emitted.
func (e Event) IsZero() bool { return e.Body == nil }

// Lead is a person as a phone knows one: by number, by hidden id, or by both.
// All calls about one person must give the same Phone and LID.
type Lead struct {
	Phone  string // digits, country code first; "" when the phone itself does not know
	LID    string // hidden id, digits; "" when there is none
	Name   string // display name, in messages
	Hidden bool   // the chat is addressed by …@lid now, not by …@c.us
}

// ChatID is how events name the chat: …@lid or …@c.us.
func (l Lead) ChatID() string {
	if l.byLID() {
		return l.LID + "@lid"
	}
	return l.Phone + "@c.us"
}

func (l Lead) byLID() bool { return l.LID != "" && (l.Hidden || l.Phone == "") }

// As returns the lead addressed by …@lid (hidden) or by …@c.us.
func (l Lead) As(hidden bool) Lead { l.Hidden = hidden; return l }

// Label is a WhatsApp Business label as one phone has it.
type Label struct {
	ID    string // decimal; means something inside its session only, and may be used again
	Name  string
	Color int // 0 to 19, more in newer WhatsApps
}

// Phone is one WAHA session. Its methods say what happens on the phone at a time
// (Unix ms) and return what WAHA emits. Times of one phone must not go back.
type Phone struct {
	srv    *Server
	cfg    PhoneConfig
	traits traits

	before, me, after string // parts of the envelope that do not change

	// guarded by srv.mu
	connected bool
	statuses  []statusAt
	labels    map[string]Label
	people    map[string]*person
	lids      map[string]string          // hidden id → key in people
	others    map[string]map[string]bool // chats that are no person's: id → labels on it
	rev       uint64                     // grows with every change of what is shown

	twoLIDs     float64 // share of the people with a second hidden id
	twoLIDsSeed uint64  // seed of who they are
}

// Session is the WAHA session's name.
func (p *Phone) Session() string { return p.cfg.Session }

// Number is the CS number, digits.
func (p *Phone) Number() string { return p.cfg.Number }

// Engine is the engine the session runs on.
func (p *Phone) Engine() Engine { return p.cfg.Engine }

// metadata is the configuration a phone begins with, nil without metadata.
func (p *Phone) metadata() json.RawMessage {
	if p.cfg.Metadata == nil {
		return nil
	}
	b, err := json.Marshal(map[string]any{"metadata": p.cfg.Metadata})
	if err != nil {
		return nil
	}
	return b
}

func (p *Phone) setMetadata(m map[string]string) {
	p.srv.mu.Lock()
	defer p.srv.mu.Unlock()
	p.cfg.Metadata = m
	p.render()
}

// render prepares the envelope's constant parts.
// Key order: id, timestamp, event, session, metadata?, me, payload, engine?, environment.
func (p *Phone) render() {
	var w writer
	w.comma = true
	w.kstr("session", p.cfg.Session)
	if p.cfg.Metadata != nil {
		w.key("metadata").obj()
		for _, k := range slices.Sorted(maps.Keys(p.cfg.Metadata)) {
			w.kstr(k, p.cfg.Metadata[k])
		}
		w.end()
	}
	p.before = w.string()

	w = writer{}
	w.obj().kstr("id", p.cfg.Number+"@c.us").kstr("pushName", p.cfg.PushName)
	if !p.traits.webMe {
		if p.cfg.LID != "" {
			w.kstr("lid", p.cfg.LID+"@lid")
		}
		w.kstr("jid", p.cfg.Number+":"+strconv.Itoa(p.cfg.Device)+"@s.whatsapp.net")
	}
	p.me = w.end().string()

	w = writer{comma: true}
	if p.cfg.Engine != GOWS || p.cfg.Version != VersionWithoutEngine {
		w.kstr("engine", string(p.cfg.Engine))
	}
	w.key("environment").obj().
		kstr("version", p.cfg.Version).kstr("engine", string(p.cfg.Engine)).kstr("tier", p.srv.cfg.Tier)
	if p.traits.browser {
		w.kstr("browser", browserPath)
	} else {
		w.kraw("browser", "null")
	}
	w.kstr("platform", "linux/x64").kraw("worker", `{"id":null}`).end()
	p.after = w.end().string()
}

// stamp is the time WAHA writes for something that happened at `at`.
func (p *Phone) stamp(at int64) int64 { return p.srv.cfg.Stamp(at) }

// event wraps a payload in the envelope. at is stamped already.
func (p *Phone) event(at int64, name, payload string) Event {
	return p.eventWithID(p.srv.cfg.NewID(at), at, name, payload)
}

func (p *Phone) eventWithID(id string, at int64, name, payload string) Event {
	w := writer{b: make([]byte, 0, 160+len(p.before)+len(p.me)+len(payload)+len(p.after))}
	w.obj().kstr("id", id).kint("timestamp", at).kstr("event", name)
	w.b = append(w.b, p.before...)
	if p.connected {
		w.kraw("me", p.me)
	} else {
		w.kraw("me", "null")
	}
	w.kraw("payload", payload)
	w.b = append(w.b, p.after...)
	return Event{ID: id, Name: name, Session: p.cfg.Session, At: at, Version: p.cfg.Version, Body: w.b}
}
