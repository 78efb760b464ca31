package connect

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tandai/internal/waha"
)

// Want is what a session's configuration should say.
type Want struct {
	// URL is where the webhooks are to go, as Address makes it; "" leaves webhooks
	// alone (WAHA is read by websocket). Aliases lead to the same door: a hook to one of them is ours and stays as it is.
	URL     string
	Aliases []string

	// Keys are the signature keys Tandai believes; WAHA is given the first. None:
	// the hook is left as it is in that respect.
	Keys []string
	// KeyName is what the first key is called, since it is never shown; "" is
	// "the first key of waha.hmac_key".
	KeyName string

	// Replace are addresses whose hooks are to become ours.
	Replace []string

	Messages   bool // ask for message.any too
	NowebStore bool // switch NOWEB's store on
}

// events are the ones every hook has.
var events = []string{waha.EventLabelUpsert, waha.EventLabelDeleted, waha.EventLabelChatAdded, waha.EventLabelChatDeleted, waha.EventSessionStatus}

// Events are the names of the events to ask WAHA for.
func Events(messages bool) []string {
	if messages {
		return append(slices.Clone(events), waha.EventMessageAny)
	}
	return slices.Clone(events)
}

// Fields that a Change is about.
const (
	FieldWebhook = "webhook"         // added, or removed as a double
	FieldURL     = "webhook.url"     //
	FieldEvents  = "webhook.events"  //
	FieldKey     = "webhook.hmac"    //
	FieldRetries = "webhook.retries" //
	FieldStore   = "noweb.store"     //
)

// Change is one thing that is to be different. Neither text ever holds a key.
type Change struct {
	Field string `json:"field"`
	From  string `json:"from"` // "" where there was nothing
	To    string `json:"to"`   // "" where it is taken away
}

// Plan is what is to be done to one session.
type Plan struct {
	// Config is the whole configuration with the changes in it; what WAHA gave,
	// byte for byte, where there are none.
	Config  json.RawMessage
	Changes []Change
	// Notes are sentences about what is left as it is and may not be meant.
	Notes []string
}

// Make works out what has to change in a session's configuration, as WAHA gave
// it (nil or null for none). It fails where that is not what WAHA's
// documentation says it is: then nobody should write it either.
//
// A hook is ours when it leads to Want.URL. A hook to another door of the same
// kind is an earlier address of ours when it is signed with one of our keys, when
// it differs in http and https alone, or when Want.Replace names it; any other is
// somebody's, and is left alone. Of several hooks of ours the first stays and
// takes over the events of the others. Nothing that our hook has beyond what we
// want is taken from it.
func Make(config json.RawMessage, want Want) (Plan, error) {
	p := planner{want: want, config: config}
	if len(config) == 0 || string(config) == "null" {
		p.config = json.RawMessage("{}")
	}
	if _, err := members(p.config); err != nil {
		return Plan{}, fmt.Errorf("the session's config %w", err)
	}
	if want.URL != "" {
		if err := p.webhooks(); err != nil {
			return Plan{}, err
		}
	}
	if want.NowebStore {
		if err := p.store(); err != nil {
			return Plan{}, err
		}
	}
	if len(p.changes) == 0 {
		p.config = config
	}
	return Plan{Config: p.config, Changes: p.changes, Notes: p.notes}, nil
}

type planner struct {
	want    Want
	config  []byte
	changes []Change
	notes   []string
}

func (p *planner) change(field, from, to string) {
	p.changes = append(p.changes, Change{field, from, to})
}

func (p *planner) note(format string, args ...any) {
	p.notes = append(p.notes, fmt.Sprintf(format, args...))
}

func (p *planner) webhooks() error {
	list := []byte("[]")
	if v := get(p.config, "webhooks"); v != nil {
		list = v
	}
	at, err := elements(list)
	if err != nil {
		return fmt.Errorf("the session's webhooks: %w", err)
	}
	ours, earlier := -1, -1
	others := map[int]bool{}
	for i, e := range at {
		switch h := list[e[0]:e[1]]; p.kind(h) {
		case mine:
			if ours < 0 {
				ours = i
			} else {
				others[i] = true
			}
		case former:
			if earlier < 0 {
				earlier = i
			}
			others[i] = true
		case foreign:
			if address := text(h, "url"); isDoor(address) {
				p.note("there is a hook to %s, which looks like a door of Tandai's too: another Tandai, or an earlier address of this one? It is left alone; --replace %s makes it ours", shown(address), shown(address))
			}
		}
	}
	before := len(p.changes)
	if ours < 0 && earlier >= 0 {
		ours = earlier
		delete(others, earlier)
	}
	if ours < 0 {
		hook, err := p.fresh()
		if err != nil {
			return err
		}
		if list, err = add(list, hook); err != nil {
			return err
		}
	} else if list, err = p.mend(list, at, ours, others); err != nil {
		return err
	}
	if len(p.changes) > before {
		p.config, err = set(p.config, "webhooks", list)
	}
	return err
}

type kind int

const (
	foreign kind = iota
	mine
	former
)

func (p *planner) kind(hook []byte) kind {
	address := text(hook, "url")
	if address == "" {
		return foreign
	}
	here := append([]string{p.want.URL}, p.want.Aliases...)
	if slices.ContainsFunc(here, func(a string) bool { return samePlace(a, address) }) {
		return mine
	}
	if slices.ContainsFunc(p.want.Replace, func(a string) bool { return samePlace(a, address) || a == address }) {
		return former
	}
	if isDoor(address) && (otherScheme(address, p.want.URL) || sameServer(address, p.want.URL) && slices.Contains(p.want.Keys, keyOf(hook))) {
		return former
	}
	return foreign
}

// sameServer tells whether two doors are for the same WAHA server.
func sameServer(a, b string) bool {
	p, _ := placeOf(a)
	q, _ := placeOf(b)
	return p.path[strings.LastIndex(p.path, doorPath):] == q.path[strings.LastIndex(q.path, doorPath):]
}

// fresh is a hook of ours where there is none.
func (p *planner) fresh() ([]byte, error) {
	hook := []byte("{}")
	var err error
	put := func(name string, value []byte) {
		if err == nil {
			hook, err = set(hook, name, value)
		}
	}
	names := Events(p.want.Messages)
	put("url", quote(p.want.URL))
	put("events", listOf(names))
	p.change(FieldWebhook, "", shown(p.want.URL))
	p.change(FieldEvents, "", strings.Join(names, ", "))
	if len(p.want.Keys) > 0 {
		put("hmac", append(append([]byte(`{"key":`), quote(p.want.Keys[0])...), '}'))
		p.change(FieldKey, "", p.keyName())
	}
	put("retries", wantRetries)
	p.change(FieldRetries, "", retriesOf(hook).String())
	return hook, err
}

// mend makes the hook at index ours what it should be, and takes the others away.
func (p *planner) mend(hooks []byte, at [][2]int, ours int, others map[int]bool) ([]byte, error) {
	hook := slices.Clone(hooks[at[ours][0]:at[ours][1]])
	var err error
	if address := text(hook, "url"); p.kind(hook) == former {
		if hook, err = set(hook, "url", quote(p.want.URL)); err != nil {
			return nil, err
		}
		p.change(FieldURL, shown(address), shown(p.want.URL))
	}
	more := []string{}
	for i := range at {
		if others[i] {
			double := hooks[at[i][0]:at[i][1]]
			more = append(more, eventsOf(double)...)
			p.change(FieldWebhook, shown(text(double, "url"))+" once more", "")
		}
	}
	if hook, err = p.mendEvents(hook, more); err != nil {
		return nil, err
	}
	if hook, err = p.mendKey(hook); err != nil {
		return nil, err
	}
	if hook, err = p.mendRetries(hook); err != nil {
		return nil, err
	}
	p.headers(hook)
	// From the back: cutting one out moves only what follows.
	hooks = splice(hooks, at[ours][0], at[ours][1], hook)
	return remove(hooks, others)
}

// store switches NOWEB's store on.
func (p *planner) store() error {
	noweb, store := get(p.config, "noweb"), json.RawMessage(nil)
	if noweb == nil {
		noweb = json.RawMessage("{}")
	}
	if store = get(noweb, "store"); store == nil {
		store = json.RawMessage("{}")
	}
	if string(get(store, "enabled")) == "true" {
		return nil
	}
	store, err := set(store, "enabled", []byte("true"))
	if err == nil {
		noweb, err = set(noweb, "store", store)
	}
	if err == nil {
		p.config, err = set(p.config, "noweb", noweb)
	}
	if err != nil {
		return errors.New("the session's noweb.store is not what WAHA documents: switch it on by hand")
	}
	p.change(FieldStore, "off", "on")
	return nil
}

// StoreOn tells whether a session's configuration switches NOWEB's store on.
func StoreOn(config json.RawMessage) bool {
	return string(get(get(get(config, "noweb"), "store"), "enabled")) == "true"
}
