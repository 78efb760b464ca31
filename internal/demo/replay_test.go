package demo

import (
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tandai/internal/waha/wahasim"
)

// body is what the tests read of an event, without any of Tandai's own decoding.
type body struct {
	ID        string
	Timestamp int64
	Event     string
	Session   string
	Metadata  map[string]string
	Me        *meOf
	Engine    string
	Payload   struct {
		ID      string
		Name    string
		LabelID string
		Label   *struct{ Name string }
		ChatID  string
		From    string
		To      string
		FromMe  bool
		Status  string
		Data    struct {
			Info    struct{ Chat, SenderAlt, RecipientAlt string }
			Key     struct{ RemoteJid, RemoteJidAlt string }
			Message json.RawMessage
		} `json:"_data"`
	}
	Environment struct{ Version, Engine string }
}

// chat is the chat of a label or message event.
func (b body) chat() string {
	switch {
	case b.Payload.ChatID != "":
		return b.Payload.ChatID
	case b.Environment.Engine == "WPP" && b.Payload.FromMe:
		return b.Payload.To
	}
	return b.Payload.From
}

func read(t *testing.T, ev wahasim.Event) body {
	t.Helper()
	var b body
	if err := json.Unmarshal(ev.Body, &b); err != nil {
		t.Fatalf("%s: %v", ev.Body, err)
	}
	if b.ID != ev.ID || b.Timestamp != ev.At || b.Event != ev.Name || b.Session != ev.Session {
		t.Fatalf("the event says %s %s %s %d, its body %s", ev.ID, ev.Name, ev.Session, ev.At, ev.Body)
	}
	return b
}

// end of all test histories: a Monday morning, in the middle of a day.
var end = time.Date(2026, 11, 23, 10, 30, 0, 0, time.UTC)

func newAgency(t *testing.T, cfg Config) *Agency {
	t.Helper()
	if cfg.End.IsZero() {
		cfg.End = end
	}
	a, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// history is the default agency and its past, read once for all tests that only
// look at it.
func history(t *testing.T) (*Agency, []body) {
	t.Helper()
	once.Do(func() {
		theAgency = newAgency(t, Config{Seed: 1})
		for ev := range theAgency.History {
			theHistory = append(theHistory, read(t, ev))
		}
	})
	return theAgency, theHistory
}

var (
	once       sync.Once
	theAgency  *Agency
	theHistory []body
)

type pairs map[string]string // session + " " + hidden id: number

func pairsOf(all []body) pairs {
	m := pairs{}
	digits := func(jid string) string { id, _, _ := strings.Cut(jid, "@"); id, _, _ = strings.Cut(id, ":"); return id }
	for _, b := range all {
		d := b.Payload.Data
		chat := d.Info.Chat + d.Key.RemoteJid
		alt := d.Info.SenderAlt + d.Info.RecipientAlt + d.Key.RemoteJidAlt
		if b.Event != "message.any" || alt == "" {
			continue
		}
		if strings.HasSuffix(alt, "@lid") {
			chat, alt = alt, chat
		}
		m[b.Session+" "+digits(chat)] = digits(alt)
	}
	return m
}

// lead is nomor_lead of a chat, and whether it is a personal chat at all.
func (m pairs) lead(session, chat string) (string, bool) {
	id, domain, _ := strings.Cut(chat, "@")
	switch domain {
	case "c.us":
		return id, true
	case "lid":
		if phone, ok := m[session+" "+id]; ok {
			return phone, true
		}
		return chat, true
	}
	return "", false
}

// replay is the state by the plainest means: all events by time, the last word counts.
func replay(all []body, ignore map[string]bool) []wahasim.Active {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b body) int { return int(a.Timestamp - b.Timestamp) })
	type key struct{ session, lead, label string }
	since := map[key]int64{}
	names := map[[2]string]string{}
	people := pairsOf(all)
	for _, b := range all {
		label := [2]string{b.Session, b.Payload.ID}
		switch b.Event {
		case "label.upsert":
			names[label] = b.Payload.Name
		case "label.deleted":
			delete(names, label)
			for k := range since {
				if k.session == b.Session && k.label == b.Payload.ID {
					delete(since, k)
				}
			}
		case "label.chat.added", "label.chat.deleted":
			lead, personal := people.lead(b.Session, b.chat())
			if !personal || ignore[lead] {
				continue
			}
			if b.Payload.Label != nil {
				names[[2]string{b.Session, b.Payload.LabelID}] = b.Payload.Label.Name
			}
			k := key{b.Session, lead, b.Payload.LabelID}
			if b.Event == "label.chat.deleted" {
				delete(since, k)
			} else if _, on := since[k]; !on {
				since[k] = b.Timestamp
			}
		}
	}
	var active []wahasim.Active
	for k, at := range since {
		active = append(active, wahasim.Active{Session: k.session, Lead: k.lead, LabelID: k.label, LabelName: names[[2]string{k.session, k.label}], Since: at})
	}
	slices.SortFunc(active, func(a, b wahasim.Active) int {
		return strings.Compare(a.Session+" "+a.Lead+" "+a.LabelID, b.Session+" "+b.Lead+" "+b.LabelID)
	})
	return active
}

func ignored(a *Agency) map[string]bool {
	m := map[string]bool{}
	for _, c := range a.Clients() {
		for _, number := range c.Ignore {
			m[number] = true
		}
	}
	return m
}

type meOf struct{ ID string }
