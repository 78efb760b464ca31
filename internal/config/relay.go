package config

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Relay says who gets WAHA's label and session events behind Tandai.
type Relay struct {
	// Destinations get them as they came. Their addresses are trusted: private
	// ones are dialled too.
	Destinations []Destination `yaml:"destinations"`

	// Timeout is how long a destination may take to answer.
	Timeout time.Duration `yaml:"timeout" min:"100ms" max:"5m"`

	// Concurrency is how many requests a destination gets at once.
	Concurrency int `yaml:"concurrency" min:"1" max:"256"`

	// Keep is how long deliveries are kept once they are made or given up: at
	// least as long as the inbox's bodies, which may be run again until then.
	Keep time.Duration `yaml:"keep" min:"2h" max:"3660d"`
}

// Destination is one that events are relayed to.
type Destination struct {
	// Name is [A-Za-z0-9_-]{1,64}. What waits belongs to the name: the address
	// may change.
	Name string `yaml:"name"`

	// URL is where to POST to, http:// or https://.
	URL string `yaml:"url"`

	// Key signs the bodies, as WAHA's hmac.key does. Empty: not signed.
	Key     Secret `yaml:"key"`
	KeyFile string `yaml:"key_file"`

	// Events are the events it gets; all that are relayed by default.
	Events []string `yaml:"events"`

	// Headers are sent with every event, in place of WAHA's of that name: what the
	// destination lets callers in by, say. Signatures are of Key.
	Headers []Header `yaml:"headers"`

	// Header adds headers that WAHA does not send: X-Tandai-Event-Id and
	// X-Tandai-Attempt.
	Header bool `yaml:"header"`

	// Enrich adds a member `tandai` to the body: client, lead, label name. The
	// body is not WAHA's any more then.
	Enrich bool `yaml:"enrich"`
}

// Header is a request header.
type Header struct {
	Name string `yaml:"name"`

	// Value is taken for a secret: most are.
	Value     Secret `yaml:"value"`
	ValueFile string `yaml:"value_file"`
}

// headerForm is a token of RFC 9110, section 5.6.2.
var headerForm = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$")

// ourHeaders are set by whoever makes the request.
var ourHeaders = regexp.MustCompile(`(?i)^(host|content-length|content-encoding|connection|keep-alive|te|trailer|transfer-encoding|upgrade|expect|proxy-.*|x-tandai-.*|x-webhook-hmac.*|x-idempotency-key|idempotency-key)$`)

var destinationForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// relayed are the events that are relayed. Messages are not: Tandai does not keep
// them whole.
var relayed = []string{"label.chat.added", "label.chat.deleted", "label.upsert", "label.deleted", "session.status"}

func (l *loader) checkRelay() {
	r := &l.cfg.Relay
	names := map[string]string{}
	for i := range r.Destinations {
		d := &r.Destinations[i]
		at := fmt.Sprintf("relay.destinations[%d]", i)
		l.checkUnique(names, at+".name", d.Name, strings.ToLower)
		if d.Name != "" && !destinationForm.MatchString(d.Name) {
			l.problem(at+".name", "%s is no name of a destination; want letters, digits, _ and -, at most 64", show(d.Name))
		}
		l.checkHook(at+".url", d.URL)
		l.checkHeaders(at+".headers", d.Headers)
		for j, event := range d.Events {
			if !slices.Contains(relayed, event) {
				l.problem(fmt.Sprintf("%s.events[%d]", at, j), "%s is not relayed; want some of %s", show(event), or(relayed))
			}
		}
	}
	if len(r.Destinations) > 0 && r.Keep < l.cfg.Inbox.Keep {
		l.problem("relay.keep", "%s is less than inbox.keep, %s: a replay could send again what was forgotten", formatDuration(r.Keep), formatDuration(l.cfg.Inbox.Keep))
	}
}

func (l *loader) checkHeaders(at string, headers []Header) {
	names := map[string]string{}
	for i, h := range headers {
		at := fmt.Sprintf("%s[%d]", at, i)
		l.checkUnique(names, at+".name", h.Name, strings.ToLower)
		switch {
		case h.Name == "":
		case !headerForm.MatchString(h.Name):
			l.problem(at+".name", "%s is no name of a header; want something like X-Token", show(h.Name))
		case ourHeaders.MatchString(h.Name):
			l.problem(at+".name", "%s is set by Tandai itself; want another header", show(h.Name))
		}
		if !h.Value.IsSet() {
			l.problem(at+".value", "is missing")
		}
	}
}

// checkHook takes an address to POST to. It may have a path and a query.
func (l *loader) checkHook(key, text string) {
	u, err := url.Parse(text)
	switch {
	case text == "":
		l.problem(key, "is missing; want http://host/path or https://host/path")
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		l.problem(key, "this is no address to send to; want http://host/path or https://host/path")
	case u.User != nil:
		l.problem(key, "a user or password is in it; want the address alone")
	case u.Fragment != "":
		l.problem(key, "something follows a #; want the address alone")
	}
}
