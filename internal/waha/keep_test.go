package waha

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const secret = "Halo kak, rahasia"

// envelopeOf is a delivery of the event with the payload, in WAHA's order.
func envelopeOf(event, payload string) string {
	return `{"id":"evt_1","timestamp":1795399261337,"event":"` + event + `","session":"toko","me":{"id":"6281234500001@c.us","lid":"190000000000001@lid"},"payload":` + payload + `,"engine":"GOWS"}`
}

func TestKeep_unreadable(t *testing.T) {
	deep := `{"id":"evt_1","event":"message","payload":` + strings.Repeat("[", 200) + strings.Repeat("]", 200) + `}`
	for _, c := range []struct {
		name, body, problem, head string
	}{
		{"empty", "", "the body is empty", ""},
		{"white space", " \n", "the body holds nothing but white space", ""},
		{"text", secret, "the body is not JSON: an unexpected character at byte 0", ""},
		{"text that speaks of a payload", secret + ` "payload":`, "the body is not JSON: an unexpected character at byte 0", ""},
		{"HTML", "<html>", "the body is not JSON: an unexpected character at byte 0", ""},
		{"byte order mark", "\ufeff{}", "the body is not JSON: an unexpected character at byte 0", ""},
		{"array", `["` + secret + `"]`, "the body is an array, want an object", ""},
		{"string", `"` + secret + `"`, "the body is a string, want an object", ""},
		{"number", `1`, "the body is a number, want an object", ""},
		{"null", `null`, "the body is null, want an object", ""},
		{"NUL", "\x00", "the body is not JSON: a NUL character at byte 0", ""},
		{"NUL in a string", "{\"event\":\"message\x00\"}", "the body is not JSON: a NUL character at byte 17", ""},
		{"new line in a string", "{\"event\":\"message\n\"}", "the body is not JSON: a control character at byte 17", ""},
		{"truncated", `{"id":"evt_1","timestamp":1,"event":"message","session":"toko","payload":{"body":"` + secret, "the body is not JSON: it ends too early, at byte 99",
			`{"id":"evt_1","timestamp":1,"event":"message","session":"toko",`},
		{"truncated before the payload", `{"id":"evt_1","timestamp":1,"event":"mess`, "the body is not JSON: it ends too early, at byte 41", ""},
		{"two documents", envelopeOf("label.upsert", `{}`) + `{}`, "the body is not JSON: an unexpected character at byte 170",
			`{"id":"evt_1","timestamp":1795399261337,"event":"label.upsert","session":"toko",`},
		{"invalid UTF-8", `{"id":"evt_1","event":"message","payload":{"body":"` + secret + "\xff\"}}", "the body is not UTF-8: an invalid sequence at byte 68", `{"id":"evt_1","event":"message",`},
		{"invalid UTF-8 in the head", "{\"id\":\"\xff\",\"event\":\"message\",\"payload\":{}}", "the body is not UTF-8: an invalid sequence at byte 7", ""},
		{"half a rune", "{\"id\":\"\xe2\x82\",\"payload\":{}}", "the body is not UTF-8: an invalid sequence at byte 7", ""},
		{"nested too deep", deep, "the body is nested deeper than 100 levels, at byte 141", `{"id":"evt_1","event":"message",`},
		{"no event", `{"id":"evt_1","session":"toko","payload":{"body":"` + secret + `"}}`, "event is missing, want a string", `{"id":"evt_1","session":"toko",`},
		{"empty object", `{}`, "event is missing, want a string", ""},
		{"event is a number", `{"event":5,"payload":{}}`, "event is a number, want a string", `{"event":5,`},
		{"event is null", `{"event":null,"payload":{}}`, "event is null, want a string", `{"event":null,`},
		{"event is an object", `{"event":{"x":"` + secret + `"},"payload":{}}`, "event is an object, want a string", ""},
		{"event is empty", `{"event":"","payload":{}}`, "event is empty", `{"event":"",`},
		{"event is a sentence", `{"payload":{},"event":"` + secret + `"}`, "event is not a name: want letters, digits, '.', '_' and '-'", ""},
		{"event is long", `{"payload":{},"event":"` + strings.Repeat("a", 65) + `"}`, "event is 65 bytes long, want at most 64", ""},
		{"event in another case", `{"Event":"message","payload":{"body":"` + secret + `"}}`, "event is missing, want a string", ""},
		{"two events", `{"event":"label.upsert","payload":{"body":"` + secret + `"},"event":"message"}`, "event stands more than once in the envelope", `{"event":"label.upsert",`},
		{"two events, one escaped", `{"event":"label.upsert","payload":{"body":"` + secret + `"},"\u0065vent":"message"}`, "event stands more than once in the envelope", `{"event":"label.upsert",`},
		{"two payloads", `{"event":"message","payload":{},"payload":{"body":"` + secret + `"}}`, "payload stands more than once in the envelope", `{"event":"message",`},
		{"two of a message's members", envelopeOf("message", `{"from":"1","body":"`+secret+`","from":"2"}`), "payload.from stands more than once",
			`{"id":"evt_1","timestamp":1795399261337,"event":"message","session":"toko",`},
		{"two engine messages", envelopeOf("message", `{"_data":{"Message":{},"Message":{"conversation":"`+secret+`"}}}`), "payload._data.Message stands more than once",
			`{"id":"evt_1","timestamp":1795399261337,"event":"message","session":"toko",`},
		{"another key before the payload", `{"id":"evt_1","text":"` + secret + `","payload":{}}`, "event is missing, want a string", `{"id":"evt_1",`},
		{"an escaped payload key", `{"id":"evt_1","p\u0061yload":{"body":"` + secret + `"},"x":"\"payload\""}`, "event is missing, want a string", ""},
		{"payload in upper case", `{"id":"evt_1","PAYLOAD":{"body":"` + secret + `"},"payload":1}`, "event is missing, want a string", `{"id":"evt_1",`},
		{"a long head is cut at a member", `{"id":"evt_1","session":"` + strings.Repeat("s", 600) + `","payload":{}}`, "event is missing, want a string", `{"id":"evt_1",`},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := Keep([]byte(c.body))
			if k.Problem != c.problem {
				t.Errorf("Problem = %q, want %q", k.Problem, c.problem)
			}
			sum := sha256.Sum256([]byte(c.body))
			want := map[string]any{"head": c.head, "bytes": float64(len(c.body)), "sha256": hex.EncodeToString(sum[:])}
			var got map[string]any
			if err := json.Unmarshal(k.Body, &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("Body (-want +got):\n%s", diff)
			}
			if k.Head.ID != "" {
				t.Errorf("Head.ID = %q, want none", k.Head.ID)
			}
			again := Keep(k.Body)
			if !bytes.Equal(again.Body, k.Body) || again.Problem == "" || again.Head != k.Head {
				t.Errorf("kept again: %+v %s", again.Head, again.Body)
			}
			if _, err := Decode(k.Body); message(err) != remainsProblem {
				t.Errorf("Decode: %v", err)
			}
		})
	}
}

// What looks like our own remains but is not is reduced like anything else.
func TestKeep_forgedRemains(t *testing.T) {
	hash := strings.Repeat("0", 64)
	for _, body := range []string{
		`{"head":"` + secret + `","bytes":1,"sha256":"` + hash + `"}`,
		`{"head":"","bytes":1,"sha256":"` + secret + `"}`,
		`{"head":"","bytes":1,"sha256":"` + hash + `","text":"` + secret + `"}`,
		`{"head":"","Head":"` + secret + `","bytes":1,"sha256":"` + hash + `"}`,
		`{"head":"{\"text\":\"` + secret + `\",","bytes":1,"sha256":"` + hash + `"}`,
		`{"head":"","bytes":1,"sha256":"` + hash + `"} ` + strings.Repeat(" ", 9),
	} {
		k := Keep([]byte(body))
		if k.Problem != "event is missing, want a string" || bytes.Contains(k.Body, []byte(secret)) {
			t.Errorf("%s: %q, %s", body, k.Problem, k.Body)
		}
	}
}

func TestKeep_large(t *testing.T) {
	text := strings.Repeat(secret, 6<<20/len(secret))
	k := Keep([]byte(envelopeOf("message", `{"id":"m","from":"62812@c.us","body":"`+text+`"}`)))
	if k.Problem != "" || len(k.Body) > 400 {
		t.Errorf("%q, %d bytes", k.Problem, len(k.Body))
	}
	k = Keep([]byte(`{"body":"` + text + `","payload":"`))
	if k.Problem == "" || len(k.Body) > 200 {
		t.Errorf("%q, %d bytes", k.Problem, len(k.Body))
	}
}

func TestKeep_head(t *testing.T) {
	long := strings.Repeat("x", 300)
	for _, c := range []struct {
		name, body string
		want       Head
	}{
		{"whole", `{"id":"evt_1","timestamp":17,"event":"label.upsert","session":"toko"}`, Head{"evt_1", 17, "", "label.upsert", "toko"}},
		{"escapes", `{"id":"evt_1","timestamp":-17,"ev\u0065nt":"label\u002eupsert","session":"t\u006fko"}`, Head{"evt_1", -17, "", "label.upsert", "toko"}},
		{"no id", `{"timestamp":17,"event":"x","session":"toko"}`, Head{"", 17, "", "x", "toko"}},
		{"id is a number", `{"id":5,"timestamp":17,"event":"x","session":"toko"}`, Head{"", 17, "", "x", "toko"}},
		{"id is a sentence", `{"id":"a b","timestamp":17,"event":"x","session":"toko"}`, Head{"", 17, "", "x", "toko"}},
		{"id is long", `{"id":"` + long + `","timestamp":17,"event":"x","session":"toko"}`, Head{"", 17, "", "x", "toko"}},
		{"no session, so no id", `{"id":"evt_1","timestamp":17,"event":"x"}`, Head{"", 17, "", "x", ""}},
		{"session is a number", `{"id":"evt_1","timestamp":17,"event":"x","session":5}`, Head{"", 17, "", "x", ""}},
		{"session is long", `{"id":"evt_1","timestamp":17,"event":"x","session":"` + long + `"}`, Head{"", 17, "", "x", ""}},
		{"session is odd", `{"id":"evt_1","timestamp":17,"event":"x","session":"toko aisyah"}`, Head{"evt_1", 17, "", "x", "toko aisyah"}},
		{"no timestamp", `{"id":"evt_1","event":"x","session":"toko"}`, Head{"evt_1", 0, "is missing, want a whole number", "x", "toko"}},
		{"timestamp is a string", `{"id":"evt_1","timestamp":"17","event":"x","session":"toko"}`, Head{"evt_1", 0, "is a string, want a whole number", "x", "toko"}},
		{"timestamp is null", `{"id":"evt_1","timestamp":null,"event":"x","session":"toko"}`, Head{"evt_1", 0, "is null, want a whole number", "x", "toko"}},
		{"timestamp has a fraction", `{"id":"evt_1","timestamp":17.0,"event":"x","session":"toko"}`, Head{"evt_1", 0, "is 17.0, want a whole number", "x", "toko"}},
		{"timestamp has an exponent", `{"id":"evt_1","timestamp":1e12,"event":"x","session":"toko"}`, Head{"evt_1", 0, "is 1e12, want a whole number", "x", "toko"}},
		{"timestamp is out of range", `{"id":"evt_1","timestamp":9999999999999999999,"event":"x","session":"toko"}`, Head{"evt_1", 0, "is 9999999999999999999, which is out of range", "x", "toko"}},
		{"timestamp is very long", `{"id":"evt_1","timestamp":` + strings.Repeat("9", 400) + `,"event":"x","session":"toko"}`, Head{"evt_1", 0, "is a number of over 32 characters, want a whole number", "x", "toko"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := Keep([]byte(c.body))
			if diff := cmp.Diff(c.want, k.Head); diff != "" || k.Problem != "" {
				t.Errorf("%q (-want +got):\n%s", k.Problem, diff)
			}
		})
	}
}

// A label event is kept byte for byte, whatever else is in it.
func TestKeep_label(t *testing.T) {
	for _, event := range []string{"label.upsert", "label.deleted", "label.chat.added", "label.chat.deleted"} {
		body := []byte(" " + envelopeOf(event, `{"labelId" : 5, "new": {"x":[1,2]}, "name":"A\u0000"}`) + "\n")
		if k := Keep(body); !bytes.Equal(k.Body, body) || k.Problem != "" {
			t.Errorf("%s: %q %s", event, k.Problem, k.Body)
		}
	}
	// And an event that merely looks like one is not.
	k := Keep([]byte(envelopeOf("Label.Upsert", `{"name":"`+secret+`"}`)))
	if want := `{"id":"evt_1","timestamp":1795399261337,"event":"Label.Upsert","session":"toko"}`; string(k.Body) != want {
		t.Errorf("kept %s, want %s", k.Body, want)
	}
}

func TestKeep_otherEvents(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"reaction", envelopeOf("message.reaction", `{"reaction":{"text":"`+secret+`"}}`), `{"id":"evt_1","timestamp":1795399261337,"event":"message.reaction","session":"toko"}`},
		{"message in another case", envelopeOf("MESSAGE", `{"body":"`+secret+`"}`), `{"id":"evt_1","timestamp":1795399261337,"event":"MESSAGE","session":"toko"}`},
		{"text where the head should be", `{"id":{"x":"` + secret + `"},"timestamp":["` + secret + `"],"event":"x","session":{"` + secret + `":1}}`, `{"id":{},"timestamp":[],"event":"x","session":{}}`},
		{"text as id and time", `{"id":"` + secret + `","timestamp":"` + secret + `","event":"x","session":null}`, `{"id":"","timestamp":"","event":"x","session":null}`},
		{"a long number", `{"event":"x","timestamp":` + strings.Repeat("1", 33) + `}`, `{"timestamp":1e999,"event":"x"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			if k := Keep([]byte(c.in)); string(k.Body) != c.want || k.Problem != "" {
				t.Errorf("%q %s, want %s", k.Problem, k.Body, c.want)
			}
		})
	}
}

func TestKeep_sessionStatus(t *testing.T) {
	same := "same"
	const head = `{"id":"evt_1","timestamp":1795399261337,"event":"session.status","session":"toko","me":{"id":"6281234500001@c.us","lid":"190000000000001@lid"},`
	for _, c := range []struct{ name, in, want string }{
		{"nothing odd", envelopeOf("session.status", `{"name":"toko","status":"WORKING","statuses":[{"status":"WORKING","timestamp":1}],"data":null}`), same},
		{"before 2026.7", envelopeOf("session.status", `{"name":"toko","status":"WORKING"}`), same},
		{"spread over lines", "{\n \"event\" : \"session.status\",\n \"payload\" : { \"status\" : \"FAILED\" } }\n", same},
		{"limits", envelopeOf("session.status", `{"status":"WORKING","data":{"reachoutTimelock":{"isActive":true,"timeEnforcementEnds":1795485600,"enforcementType":"BIZ"},"messageCapping":{"totalQuota":10,"cappingStatus":"NONE"}}}`), same},
		{"me with limits", `{"event":"session.status","me":{"id":"62812@c.us","messageCapping":{"usedQuota":3},"reachoutTimelock":null},"payload":{"status":"WORKING"}}`, same},
		{"code", envelopeOf("session.status", `{"status":"SCAN_QR_CODE","data":{"code":"AB12-CD34"}}`), head + `"payload":{"status":"SCAN_QR_CODE","data":{}},"engine":"GOWS"}`},
		{"code in capitals", envelopeOf("session.status", `{"status":"X","DATA":{"CODE":"AB12-CD34"}}`), head + `"payload":{"status":"X"},"engine":"GOWS"}`},
		{"code, escaped key", envelopeOf("session.status", `{"status":"X","d\u0061ta":{"c\u006fde":"AB12-CD34"}}`), head + `"payload":{"status":"X","d\u0061ta":{}},"engine":"GOWS"}`},
		{"data twice", envelopeOf("session.status", `{"data":null,"status":"X","data":{"code":"AB12-CD34"}}`), head + `"payload":{"data":null,"status":"X","data":{}},"engine":"GOWS"}`},
		{"qr beside data", envelopeOf("session.status", `{"status":"X","qr":"2@AB12-CD34"}`), head + `"payload":{"status":"X"},"engine":"GOWS"}`},
		{"data is a string", envelopeOf("session.status", `{"status":"X","data":"AB12-CD34"}`), head + `"payload":{"status":"X"},"engine":"GOWS"}`},
		{"data is a list", envelopeOf("session.status", `{"status":"X","data":[{"code":"AB12-CD34"}]}`), head + `"payload":{"status":"X"},"engine":"GOWS"}`},
		{"in a limit", envelopeOf("session.status", `{"status":"X","data":{"messageCapping":{"total":1,"pairingCode":"AB12-CD34","x":{"QRcode":"AB12-CD34"},"l":["AB12-CD34"]},"reachoutTimelock":"AB12-CD34"}}`), head + `"payload":{"status":"X","data":{"messageCapping":{"total":1,"x":{}}}},"engine":"GOWS"}`},
		{"in a step", envelopeOf("session.status", `{"status":"X","statuses":["AB12-CD34",{"status":"X","timestamp":1,"data":{"code":"AB12-CD34"}},{"status":"AB12-CD34","timestamp":"AB12-CD34"}]}`), head + `"payload":{"status":"X","statuses":[{"status":"X","timestamp":1},{}]},"engine":"GOWS"}`},
		{"as the status", envelopeOf("session.status", `{"status":"AB12-CD34","statuses":"AB12-CD34","name":"AB12-CD34"}`), head + `"payload":{},"engine":"GOWS"}`},
		{"in the envelope", `{"event":"session.status","qr":"AB12-CD34","data":{"x":"AB12-CD34"},"payload":{"status":"X"}}`, `{"event":"session.status","payload":{"status":"X"}}`},
		{"in me and metadata", `{"event":"session.status","metadata":{"klien":"toko","Pairing":"AB12-CD34"},"me":{"id":"62812@c.us","passkey":{"x":"AB12-CD34"}},"payload":{"status":"X"}}`, `{"event":"session.status","metadata":{"klien":"toko"},"me":{"id":"62812@c.us"},"payload":{"status":"X"}}`},
		{"as the payload", `{"event":"session.status","payload":"AB12-CD34"}`, `{"event":"session.status"}`},
		{"in the head", `{"id":"AB12 CD34","timestamp":{"x":"AB12-CD34"},"event":"session.status","session":["AB12-CD34"],"payload":{"status":"X"}}`, `{"id":"","timestamp":{},"event":"session.status","session":[],"payload":{"status":"X"}}`},
		{"as a long session", `{"event":"session.status","session":"` + strings.Repeat("A", 200) + `","payload":{"name":"` + strings.Repeat("A", 200) + `"}}`, `{"event":"session.status","session":"","payload":{}}`},
		{"as a long picture", `{"event":"session.status","me":{"x":"AB12-CD34` + strings.Repeat("A", 600) + `"},"payload":null}`, `{"event":"session.status","me":{},"payload":null}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			want := c.want
			if want == same {
				want = c.in
			}
			k := Keep([]byte(c.in))
			if string(k.Body) != want || k.Problem != "" {
				t.Errorf("%q\n got %s\nwant %s", k.Problem, k.Body, want)
			}
			if again := Keep(k.Body); !bytes.Equal(again.Body, k.Body) {
				t.Errorf("kept again: %s", again.Body)
			}
		})
	}
}

func TestKeep_message(t *testing.T) {
	const head = `{"id":"evt_1","timestamp":1795399261337,"event":"message","session":"toko","me":{"id":"6281234500001@c.us","lid":"190000000000001@lid"},`
	const tail = `,"engine":"GOWS"}`
	s := `"` + secret + `"`
	for _, c := range []struct{ name, payload, want string }{
		{"texts everywhere", `{"id":"m","body":` + s + `,"caption":` + s + `,"replyTo":{"body":` + s + `},"media":{"filename":` + s + `},"location":{"description":` + s + `},"vCards":[` + s + `],"_data":{"pushName":` + s + `,"RawMessage":{"conversation":` + s + `},"Info":{"PushName":` + s + `},"key":{"id":` + s + `}}}`,
			`{"id":"m"}`},
		{"text as an id", `{"id":` + s + `,"from":` + s + `,"to":[` + s + `],"fromMe":{"x":` + s + `},"source":` + s + `,"participant":` + s + `,"timestamp":` + s + `,"_data":{"Info":{"Chat":` + s + `,"Sender":{"x":` + s + `}},"key":{"remoteJid":` + s + `}}}`,
			`{"id":"","timestamp":"","from":"","to":[],"fromMe":{},"source":"","participant":"","_data":{"Info":{"Chat":"","Sender":{}},"key":{"remoteJid":""}}}`},
		{"keys in another case", `{"ID":"m","From":"62812@c.us","_DATA":{"info":{"Chat":"x"}},"_data":{"INFO":{"Chat":"x"},"Key":{"remoteJid":"x"}}}`, `{}`},
		{"engine data of odd types", `{"id":"m","_data":[{"Info":{"Chat":"x"}}]}`, `{"id":"m"}`},
		{"payload is a string", s, `""`},
		{"payload is a list", `[` + s + `]`, `[]`},
		{"payload is null", `null`, `null`},
		{"a quoted advert is not this one's", `{"_data":{"Message":{"extendedTextMessage":{"contextInfo":{"quotedMessage":{"extendedTextMessage":{"contextInfo":{"externalAdReply":{"sourceId":"1","sourceType":"ad"}}}}}}}}}`, `{}`},
		{"a link that is no advert", `{"_data":{"message":{"extendedTextMessage":{"contextInfo":{"externalAdReply":{"title":` + s + `,"sourceUrl":"https://example.com/","mediaType":1,"showAdAttribution":false},"entryPointConversionSource":"global_search_new_chat"}}}}}`,
			`{"_referral":{"entryPointConversionSource":"global_search_new_chat"}}`},
		{"shown as an advert", `{"_data":{"message":{"imageMessage":{"contextInfo":{"externalAdReply":{"title":"Promo","showAdAttribution":true}}}}}}`, `{"_referral":{"title":"Promo"}}`},
		{"a post", `{"_data":{"message":{"imageMessage":{"contextInfo":{"externalAdReply":{"title":"Promo","sourceType":"POST"}}}}}}`, `{"_referral":{"sourceType":"POST","title":"Promo"}}`},
		{"wrapped twice", `{"_data":{"Message":{"ephemeralMessage":{"message":{"viewOnceMessage":{"message":{"videoMessage":{"caption":` + s + `,"contextInfo":{"ctwaClid":"x","externalAdReply":{"SOURCEID":"7","ctwaCLID":"clid"}}}}}}}}}}`,
			`{"_referral":{"sourceId":"7","ctwaClid":"clid"}}`},
		{"every member", `{"_data":{"Message":{"x":{"ContextInfo":{"conversionSource":"FB_Ads","conversionDelaySeconds":"12","conversionData":` + s + `,"ctwaPayload":` + s + `,"ctwaSignals":` + s + `,"entryPointConversionSource":"a","entryPointConversionApp":"b","entryPointConversionExternalSource":"c","entryPointConversionExternalMedium":"d","UTM":{"UtmSource":"e","utmCampaign":"f","text":` + s + `},"smbClientCampaignId":"g","externalAdReply":{"sourceType":"ad","sourceID":"h","sourceURL":"i","sourceApp":"j","ctwaClid":"k","title":"l","mediaType":2,"ref":"m","body":` + s + `,"thumbnail":` + s + `,"ctaPayload":` + s + `,"greetingMessageBody":` + s + `}}}}}}`,
			`{"_referral":{"sourceType":"ad","sourceId":"h","sourceUrl":"i","sourceApp":"j","ctwaClid":"k","title":"l","mediaType":2,"ref":"m","conversionSource":"FB_Ads","conversionDelaySeconds":"12","entryPointConversionSource":"a","entryPointConversionApp":"b","entryPointConversionExternalSource":"c","entryPointConversionExternalMedium":"d","utmSource":"e","utmCampaign":"f","smbClientCampaignID":"g"}}`},
		{"values that are no values", `{"_data":{"ctwaContext":{"title":"` + strings.Repeat("x", 513) + `","sourceUrl":"","sourceId":{"x":` + s + `},"conversionSource":[` + s + `],"mediaType":null,"ref":"r"}}}`, `{"_referral":{"ref":"r"}}`},
		{"a utm that is a text", `{"_data":{"Message":{"x":{"contextInfo":{"utm":"ig"}}}}}`, `{"_referral":{"utm":"ig"}}`},
		{"an escaped key", `{"_data":{"Message":{"x":{"context\u0049nfo":{"entryPointConversion\u0053ource":"a"}}}}}`, `{"_referral":{"entryPointConversionSource":"a"}}`},
		{"a referral that was kept", `{"_referral":{"sourceId":"7","title":"Promo","body":` + s + `,"SOURCEURL":` + s + `}}`, `{"_referral":{"sourceId":"7","title":"Promo"}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, event := range []string{"message", "message.any"} {
				k := Keep([]byte(envelopeOf(event, c.payload)))
				want := strings.Replace(head, `"message"`, `"`+event+`"`, 1) + `"payload":` + c.want + tail
				if string(k.Body) != want || k.Problem != "" {
					t.Errorf("%q\n got %s\nwant %s", k.Problem, k.Body, want)
				}
				if again := Keep(k.Body); !bytes.Equal(again.Body, k.Body) {
					t.Errorf("kept again: %s", again.Body)
				}
			}
		})
	}
}

func TestKeep_messageEnvelope(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"only a client of metadata", `{"event":"message","metadata":{"klien":"Toko Aisyah","note":"` + secret + `"},"payload":{}}`, `{"event":"message","metadata":{"klien":"Toko Aisyah"},"payload":{}}`},
		{"a client that is an object", `{"event":"message","metadata":{"klien":{"x":"` + secret + `"}},"payload":{}}`, `{"event":"message","metadata":{"klien":{}},"payload":{}}`},
		{"metadata without a client", `{"event":"message","metadata":{"x":"y"},"payload":{}}`, `{"event":"message","payload":{}}`},
		{"metadata of another type", `{"event":"message","metadata":"` + secret + `","payload":{}}`, `{"event":"message","payload":{}}`},
		{"me without a name", `{"event":"message","me":{"id":"62812@c.us","pushName":"` + secret + `"},"payload":{}}`, `{"event":"message","me":{"id":"62812@c.us"},"payload":{}}`},
		{"me null", `{"event":"message","me":null,"payload":{}}`, `{"event":"message","me":null,"payload":{}}`},
		{"me a text", `{"event":"message","me":"` + secret + `","payload":{}}`, `{"event":"message","me":"","payload":{}}`},
		{"environment", `{"event":"message","payload":{},"environment":{"version":"2026.2.1","engine":"GOWS","tier":"CORE","x":"` + secret + `"}}`, `{"event":"message","payload":{},"environment":{"version":"2026.2.1","engine":"GOWS"}}`},
		{"no payload", `{"event":"message","text":"` + secret + `"}`, `{"event":"message"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := Keep([]byte(c.in))
			if string(k.Body) != c.want || k.Problem != "" {
				t.Errorf("%q\n got %s\nwant %s", k.Problem, k.Body, c.want)
			}
		})
	}
}

// The hot path: a label event costs its id and its session's name, no more.
func TestKeep_allocations(t *testing.T) {
	_, all := samples(t)
	if n := testing.AllocsPerRun(100, func() { Keep(all[0].body) }); n > 2 {
		t.Errorf("%v allocations for a label event, want 2", n)
	}
}

func ExampleKeep() {
	k := Keep([]byte(`{"id":"evt_1","timestamp":1795399261337,"event":"message","session":"toko","payload":{"id":"m1","from":"6281299900011@c.us","fromMe":false,"body":"Halo"}}`))
	fmt.Println(string(k.Body))
	// Output:
	// {"id":"evt_1","timestamp":1795399261337,"event":"message","session":"toko","payload":{"id":"m1","from":"6281299900011@c.us","fromMe":false}}
}
