package web

import (
	"net/http"
	"strings"
)

// emptyView is the page before the first event.
type emptyView struct {
	Hook, HookNote string
	Events         []string
	Curl           string
	Signed         bool
}

// HookEvents are the WAHA events Tandai has a use for, in the order people are
// told of them.
func HookEvents() []string {
	return []string{"label.chat.added", "label.chat.deleted", "label.upsert", "label.deleted", "session.status", "message.any"}
}

func (s *server) empty(r *http.Request, l locale) *emptyView {
	base := strings.TrimSuffix(s.cfg.PublicURL, "/")
	if base == "" {
		base = "http://" + r.Host
	}
	host := strings.TrimPrefix(strings.TrimPrefix(base, "http://"), "https://")
	if i := strings.LastIndexByte(host, ':'); i > 0 {
		host = host[:i]
	}
	return &emptyView{
		Hook:     base + hookPath,
		HookNote: l.fill(l.EmptyHookNote, host),
		Events:   HookEvents(),
		Curl:     Curl("http://"+r.Host+hookPath, s.cfg.Signed),
		Signed:   s.cfg.Signed,
	}
}

const hookPath = "/webhooks/waha"

// FirstEvent is the body of the first event people send themselves, as a word
// of a POSIX shell: it happens when it is sent.
const FirstEvent = `'{
  "id": "evt_first", "timestamp": '$(date +%s)'000, "event": "label.chat.added", "session": "cs1",
  "payload": {"chatId": "6281234567890@c.us", "labelId": "1",
    "label": {"id": "1", "name": "Grade A", "color": 1}}}'`

// Curl is the command that sends FirstEvent to a webhook address; where bodies
// must be signed it reads the HMAC key from KEY.
func Curl(hook string, signed bool) string {
	if !signed {
		return "curl -i " + hook + " -H 'Content-Type: application/json' -d " + FirstEvent
	}
	return "BODY=" + FirstEvent + `
SUM=$(printf %s "$BODY" | openssl dgst -sha512 -hmac "$KEY" | sed 's/.* //')
curl -i ` + hook + ` -H 'Content-Type: application/json' -H "X-Webhook-Hmac: $SUM" -d "$BODY"`
}
