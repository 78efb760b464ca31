package connect

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"tandai/internal/waha"
)

// keyName stands for the key we want, which is never shown.
func (p *planner) keyName() string {
	return cmp.Or(p.want.KeyName, "the first key of waha.hmac_key")
}

// text is a member that is a string, "" where it is not.
func text(object []byte, name string) string {
	var s string
	if json.Unmarshal(get(object, name), &s) != nil {
		return ""
	}
	return s
}

func keyOf(hook []byte) string { return text(get(hook, "hmac"), "key") }

func eventsOf(hook []byte) []string {
	var names []string
	if json.Unmarshal(get(hook, "events"), &names) != nil {
		return nil
	}
	return names
}

func retriesOf(hook []byte) Retries {
	var r Retries
	_ = json.Unmarshal(get(hook, "retries"), &r) // what is not understood is WAHA's default, and too short
	return r
}

func listOf(names []string) []byte {
	b := []byte{'['}
	for i, name := range names {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, quote(name)...)
	}
	return append(b, ']')
}

// mendEvents adds the events that are missing. "*" is every event we want.
func (p *planner) mendEvents(hook []byte, more []string) ([]byte, error) {
	have := eventsOf(hook)
	names := slices.Clone(have)
	if !slices.Contains(have, "*") {
		for _, name := range append(Events(p.want.Messages), more...) {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	} else {
		p.note(`our hook asks for "*", every event there is: most are of no use here and are skipped`)
	}
	if slices.Contains(names, waha.EventMessage) && slices.Contains(names, waha.EventMessageAny) {
		p.note("our hook asks for message and message.any: what others write comes twice, message.any alone is enough")
	}
	if len(names) == len(have) {
		return hook, nil
	}
	p.change(FieldEvents, strings.Join(have, ", "), strings.Join(names, ", "))
	return set(hook, "events", listOf(names))
}

func (p *planner) mendKey(hook []byte) ([]byte, error) {
	if len(p.want.Keys) == 0 {
		return hook, nil
	}
	from := ""
	switch key := keyOf(hook); {
	case key == p.want.Keys[0]:
		return hook, nil
	case slices.Contains(p.want.Keys, key):
		from = "another key of waha.hmac_key"
	case key != "":
		from = "a key that Tandai does not have"
	}
	p.change(FieldKey, from, p.keyName())
	hmac := get(hook, "hmac")
	if hmac == nil {
		hmac = json.RawMessage("{}")
	}
	hmac, err := set(hmac, "key", quote(p.want.Keys[0]))
	if err != nil { // not an object: nothing of it can be kept
		hmac = append(append([]byte(`{"key":`), quote(p.want.Keys[0])...), '}')
	}
	return set(hook, "hmac", hmac)
}

// mendRetries lengthens retries, and leaves those alone that are as long.
func (p *planner) mendRetries(hook []byte) ([]byte, error) {
	have := retriesOf(hook)
	if have.Window() >= longEnough {
		return hook, nil
	}
	from := have.String()
	if get(hook, "retries") == nil {
		from = "WAHA's own: " + from
	}
	hook, err := set(hook, "retries", wantRetries)
	p.change(FieldRetries, from, retriesOf(hook).String())
	return hook, err
}

// headers notes custom headers that override the signature.
func (p *planner) headers(hook []byte) {
	var list []struct{ Name string }
	if json.Unmarshal(get(hook, "customHeaders"), &list) != nil {
		return
	}
	for _, h := range list {
		if strings.HasPrefix(strings.ToLower(strings.TrimSpace(h.Name)), "x-webhook-hmac") {
			p.note("our hook has a custom header %s, which overrides WAHA's signature: every event would be refused", h.Name)
		}
	}
}
