package waha

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// hostile draws JSON of WAHA's vocabulary put together wrongly: members in the
// wrong place, of the wrong type, in another letter case, escaped, or twice.
// Texts are the secret; none of the names may hold a text in a kept body.
type hostile struct{ t *rapid.T }

var hostileNames = []string{
	"id", "timestamp", "event", "metadata", "me", "payload", "engine", "environment", "version", "lid",
	"from", "to", "fromMe", "source", "participant", "_data", "Info", "key", "Message", "message",
	"Chat", "Sender", "SenderAlt", "RecipientAlt", "IsFromMe", "IsGroup", "AddressingMode",
	"remoteJid", "remoteJidAlt", "participantAlt", "addressingMode",
	"contextInfo", "quotedMessage", "conversation", "extendedTextMessage", "imageMessage", "caption", "text", "body", "pushName",
	"ctwaPayload", "conversionData", "name", "status", "statuses", "data", "code", "qr", "reachoutTimelock", "messageCapping",
	"labelId", "chatId", "label", "color",
}

func (h hostile) name() string {
	name := rapid.SampledFrom(hostileNames).Draw(h.t, "name")
	switch rapid.IntRange(0, 9).Draw(h.t, "spelling") {
	case 0:
		name = strings.ToUpper(name)
	case 1:
		name = strings.ToLower(name)
	case 2:
		name = fmt.Sprintf(`\u%04x%s`, name[0], name[1:])
	}
	return `"` + name + `"`
}

func (h hostile) value(depth int) string {
	most := 11
	if depth == 0 {
		most = 9
	}
	switch n := rapid.IntRange(0, most).Draw(h.t, "value"); n {
	case 0, 1, 2:
		return `"` + secret + `"`
	case 3:
		return rapid.SampledFrom([]string{`true`, `false`, `null`, `0`, `-1`, `1795400405`, `1.5e3`, `""`}).Draw(h.t, "scalar")
	case 4, 5, 6:
		return rapid.SampledFrom([]string{`"6281299900011@c.us"`, `"201000000000011@lid"`, `"120363025555123456@g.us"`, `"6281234500001:7@s.whatsapp.net"`, `"GOWS"`, `"WORKING"`, `"7"`}).Draw(h.t, "word")
	case 7:
		return `[]`
	case 8:
		return `{}`
	case 9:
		return `"` + strings.Repeat("x", rapid.IntRange(250, 700).Draw(h.t, "long")) + `"`
	case 10:
		return "[" + h.value(depth-1) + "," + h.value(depth-1) + "]"
	default:
		return h.object(depth - 1)
	}
}

func (h hostile) object(depth int, first ...string) string {
	members := first
	for range rapid.IntRange(0, 6).Draw(h.t, "members") {
		members = append(members, h.name()+":"+h.value(depth))
	}
	return "{" + strings.Join(members, ", ") + "}"
}

// No text survives, wherever in a body it stands and whatever stands around it.
func TestKeep_noTextSurvives(t *testing.T) {
	understood := 0
	rapid.Check(t, func(t *rapid.T) {
		h := hostile{t}
		event := rapid.SampledFrom([]string{"message", "message.any", "session.status", "message.ack", "Message"}).Draw(t, "event")
		inner := h.object(3, `"_data":`+h.object(3, `"Message":`+h.object(3)))
		body := h.object(2, `"event":"`+event+`"`, `"session":"toko"`, `"payload":`+inner)
		k := checkKept(t, []byte(body))
		// What a session.status says of its own name and of its client is not text.
		if strings.Contains(string(k.Body), secret) && k.Head.Event != EventSessionStatus {
			t.Fatalf("%s\nkeeps %s", body, k.Body)
		}
		if k.Problem == "" {
			understood++
		}
	})
	if understood == 0 {
		t.Error("no body was understood: the test shows nothing")
	}
}

// A message of WAHA's own form is decoded the same before and after reduction,
// whatever texts, pictures and adverts it carries.
func TestKeep_messageMeansTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pick := func(name string, from ...string) string { return rapid.SampledFrom(from).Draw(t, name) }
		ids := []string{`"6281299900011@c.us"`, `"6281299900011:4@s.whatsapp.net"`, `"201000000000011@lid"`, `"190000000000001@lid"`, `"6281234500001@s.whatsapp.net"`, `"120363025555123456@g.us"`, `""`, `null`}
		id := func(name string) string { return pick(name, ids...) }
		fromMe := pick("fromMe", "true", "false")
		referral := pick("referral", `{}`, `{"contextInfo":{"conversionSource":"FB_Ads","externalAdReply":{"title":"Promo\n1","sourceID":"7","mediaType":1}}}`,
			`{"contextInfo":{"entryPointConversionSource":"ctwa_ad","conversionDelaySeconds":12}}`)
		data := pick("engine",
			`{"Info":{"Chat":`+id("Chat")+`,"Sender":`+id("Sender")+`,"SenderAlt":`+id("SenderAlt")+`,"RecipientAlt":`+id("RecipientAlt")+`,"IsFromMe":`+fromMe+`},"Message":{"extendedTextMessage":`+referral+`}}`,
			`{"key":{"remoteJid":`+id("remoteJid")+`,"remoteJidAlt":`+id("remoteJidAlt")+`,"fromMe":`+fromMe+`},"message":{"extendedTextMessage":`+referral+`}}`,
			`{}`)
		body := envelopeOf("message.any", `{"id":"m1","timestamp":`+pick("timestamp", "1795400405", `"1795400405"`)+`,"from":`+id("from")+`,"to":`+id("to")+`,"fromMe":`+fromMe+`,"body":"`+secret+`","_data":`+data+`}`)
		k := checkKept(t, []byte(body))
		if strings.Contains(string(k.Body), secret) || k.Problem != "" {
			t.Fatalf("%q\n%s", k.Problem, k.Body)
		}
	})
}
