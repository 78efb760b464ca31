package wahasim

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// hook is one of a session's webhooks, as its configuration has it.
// Source: WAHA, src/structures/webhooks.config.dto.ts.
type hook struct {
	URL    string   `json:"url"`
	Events []string `json:"events"`
	HMAC   *struct {
		Key *string `json:"key"`
	} `json:"hmac"`
	Retries *struct {
		Policy   string   `json:"policy"`
		Delay    *float64 `json:"delaySeconds"`
		Attempts *int     `json:"attempts"`
	} `json:"retries"`
	Headers []struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	} `json:"customHeaders"`
}

// hooksOf reads the webhooks of a configuration; none for one that is null.
func hooksOf(config json.RawMessage) ([]hook, error) {
	var c struct {
		Webhooks []hook `json:"webhooks"`
	}
	if len(config) == 0 {
		return nil, nil
	}
	err := json.Unmarshal(config, &c)
	return c.Webhooks, err
}

// everyEvent is what "*" stands for. Source: WAHA, WAHAEventsWild.
var everyEvent = []string{
	"session.status", "message", "message.reaction", "message.any", "message.ack", "message.ack.group", "message.waiting",
	"message.revoked", "message.edited", "group.join", "group.leave", "group.v2.join", "group.v2.leave", "group.v2.update",
	"group.v2.participants", "presence.update", "poll.vote", "poll.vote.failed", "chat.archive", "call.received", "call.accepted",
	"call.rejected", "label.upsert", "label.deleted", "label.chat.added", "label.chat.deleted", "event.response", "event.response.failed",
}

// wants says that a subscription includes the event.
func wants(events []string, name string) bool {
	if slices.Contains(events, name) {
		return true
	}
	return slices.Contains(events, "*") && slices.Contains(everyEvent, name)
}

// checkConfig says what WAHA would say of a configuration: 400 when it is wrong.
func checkConfig(config json.RawMessage) error {
	hooks, err := hooksOf(config)
	if err != nil {
		return errors.New("config must be an object")
	}
	for i, h := range hooks {
		if u, err := url.Parse(h.URL); err != nil || u.Host == "" {
			return fmt.Errorf("config.webhooks.%d.url must be a URL address", i)
		}
		for _, e := range h.Events {
			if e != "*" && e != "state.change" && e != "engine.event" && !slices.Contains(everyEvent, e) {
				return fmt.Errorf("each value in config.webhooks.%d.events must be one of the following values: %s", i, strings.Join(everyEvent, ", "))
			}
		}
		if _, err := h.sender().Retries.normalised(); err != nil {
			return fmt.Errorf("config.webhooks.%d.retries.policy must be one of the following values: linear, exponential, constant", i)
		}
	}
	return nil
}

func (h hook) sender() SenderConfig {
	cfg := SenderConfig{URL: h.URL}
	if h.HMAC != nil && h.HMAC.Key != nil {
		cfg.HMACKey = *h.HMAC.Key
	}
	for _, c := range h.Headers {
		cfg.Headers = append(cfg.Headers, Header{c.Name, c.Value})
	}
	if r := h.Retries; r != nil {
		cfg.Retries.Policy = Policy(r.Policy)
		if r.Delay != nil {
			if cfg.Retries.Delay = time.Duration(*r.Delay * float64(time.Second)); cfg.Retries.Delay == 0 {
				cfg.Retries.Delay = -1
			}
		}
		if r.Attempts != nil {
			if cfg.Retries.Attempts = *r.Attempts; cfg.Retries.Attempts == 0 {
				cfg.Retries.Attempts = -1
			}
		}
	}
	return cfg
}

// keepSent is how many events each sender of a node remembers.
const keepSent = 1000

// post sends one event to the webhooks that want it.
func (n *Node) post(ev Event) {
	if n.cfg.Deliver != nil {
		n.cfg.Deliver(ev)
		return
	}
	n.mu.Lock()
	var to []*Sender
	ctx := n.ctx
	if s := n.session(ev.Session); s != nil {
		hooks, _ := hooksOf(s.config) // checked when it was set
		for i, h := range hooks {
			if wants(h.Events, ev.Name) {
				to = append(to, n.sender(fmt.Sprintf("%s/%d/%s", ev.Session, i, s.config), h.sender()))
			}
		}
	}
	if g := n.cfg.Global; g != nil && (n.cfg.GlobalEvents == nil || wants(n.cfg.GlobalEvents, ev.Name)) {
		to = append(to, n.sender("global", *g))
	}
	n.mu.Unlock()
	for _, s := range to {
		if s != nil {
			s.Send(ctx, ev)
		}
	}
}

// sender finds or makes one; nil for what cannot be sent to. n.mu is held.
func (n *Node) sender(id string, cfg SenderConfig) *Sender {
	if s := n.senders[id]; s != nil {
		return s
	}
	cfg.Seed ^= n.cfg.Seed
	if cfg.Transport == nil {
		cfg.Transport = n.cfg.Transport
	}
	if cfg.Keep == 0 {
		cfg.Keep = keepSent
	}
	s, err := NewSender(cfg)
	if err != nil {
		return nil
	}
	n.senders[id] = s
	return s
}
