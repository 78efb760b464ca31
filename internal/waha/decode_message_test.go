package waha

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The CS number of envelopeOf is 6281234500001, hidden 190000000000001.
func TestDecode_messageChatAndPair(t *testing.T) {
	const (
		phone = "6281299900011"
		lid   = "201000000000011"
	)
	for _, c := range []struct {
		name, payload string
		chat          string
		fromMe        bool
		lid, phone    string
	}{
		{"GOWS, they write, known by hidden id",
			`"from":"201000000000011@lid","fromMe":false,"to":null,"_data":{"Info":{"Chat":"201000000000011@lid","Sender":"201000000000011:4@lid","SenderAlt":"6281299900011:4@s.whatsapp.net","RecipientAlt":"","IsFromMe":false,"IsGroup":false}}`,
			lid + "@lid", false, lid, phone},
		{"GOWS, they write, known by phone",
			`"from":"6281299900011@c.us","fromMe":false,"_data":{"Info":{"Chat":"6281299900011@s.whatsapp.net","Sender":"6281299900011@s.whatsapp.net","SenderAlt":"201000000000011@lid"}}`,
			phone + "@c.us", false, lid, phone},
		{"GOWS, we write: the recipient's",
			`"from":"201000000000011@lid","fromMe":true,"to":null,"_data":{"Info":{"Chat":"201000000000011@lid","Sender":"190000000000001@lid","SenderAlt":"6281234500001@s.whatsapp.net","RecipientAlt":"6281299900011@s.whatsapp.net","IsFromMe":true}}`,
			lid + "@lid", true, lid, phone},
		{"GOWS, we write: our own is not theirs",
			`"from":"201000000000011@lid","fromMe":true,"_data":{"Info":{"Chat":"201000000000011@lid","Sender":"190000000000001@lid","SenderAlt":"6281234500001@s.whatsapp.net","RecipientAlt":"","IsFromMe":true}}`,
			lid + "@lid", true, "", ""},
		{"GOWS, we write: another's sender is not theirs either",
			`"from":"201000000000011@lid","fromMe":true,"_data":{"Info":{"Chat":"201000000000011@lid","Sender":"190000000000001@lid","SenderAlt":"6281299900011@s.whatsapp.net","IsFromMe":true}}`,
			lid + "@lid", true, "", ""},
		{"GOWS, they write: the recipient's is ours",
			`"from":"201000000000011@lid","fromMe":false,"_data":{"Info":{"Chat":"201000000000011@lid","Sender":"201000000000011@lid","SenderAlt":"","RecipientAlt":"6281299900011@s.whatsapp.net","IsFromMe":false}}`,
			lid + "@lid", false, "", ""},
		{"GOWS, the sender is somebody else",
			`"from":"201000000000011@lid","fromMe":false,"_data":{"Info":{"Chat":"201000000000011@lid","Sender":"201000000000099@lid","SenderAlt":"6281299900011@s.whatsapp.net"}}`,
			lid + "@lid", false, "", ""},
		{"GOWS, the sender is odd",
			`"from":"201000000000011@lid","fromMe":false,"_data":{"Info":{"Chat":"201000000000011@lid","Sender":"nobody","SenderAlt":"6281299900011@s.whatsapp.net"}}`,
			lid + "@lid", false, "", ""},
		{"GOWS, the two disagree on the direction",
			`"from":"201000000000011@lid","fromMe":false,"_data":{"Info":{"Chat":"201000000000011@lid","SenderAlt":"6281299900011@s.whatsapp.net","IsFromMe":true}}`,
			lid + "@lid", false, "", ""},
		{"GOWS, the alternative is our own number",
			`"from":"201000000000011@lid","fromMe":false,"_data":{"Info":{"Chat":"201000000000011@lid","SenderAlt":"6281234500001@s.whatsapp.net"}}`,
			lid + "@lid", false, "", ""},
		{"GOWS, alternative of the same kind",
			`"from":"201000000000011@lid","fromMe":false,"_data":{"Info":{"Chat":"201000000000011@lid","SenderAlt":"201000000000012@lid"}}`,
			lid + "@lid", false, "", ""},
		{"GOWS, alternative of odd form",
			`"from":"201000000000011@lid","fromMe":false,"_data":{"Info":{"Chat":"201000000000011@lid","SenderAlt":"0812@s.whatsapp.net"}}`,
			lid + "@lid", false, "", ""},
		{"GOWS, a note to ourselves",
			`"from":"190000000000001@lid","fromMe":true,"_data":{"Info":{"Chat":"190000000000001@lid","RecipientAlt":"6281234500001@s.whatsapp.net","IsFromMe":true}}`,
			"190000000000001@lid", true, "", ""},
		{"GOWS, a group",
			`"from":"120363025555123456@g.us","fromMe":false,"to":"201000000000011@lid","participant":"201000000000011@lid","_data":{"Info":{"Chat":"120363025555123456@g.us","Sender":"201000000000011@lid","SenderAlt":"6281299900011@s.whatsapp.net","IsGroup":true}}`,
			"120363025555123456@g.us", false, "", ""},
		{"GOWS, a status",
			`"from":"status@broadcast","fromMe":false,"_data":{"Info":{"Chat":"status@broadcast","Sender":"201000000000011@lid","SenderAlt":"6281299900011@s.whatsapp.net"}}`,
			"status@broadcast", false, "", ""},

		{"NOWEB, they write",
			`"from":"201000000000011@lid","fromMe":false,"_data":{"key":{"remoteJid":"201000000000011@lid","remoteJidAlt":"6281299900011@s.whatsapp.net","fromMe":false}}`,
			lid + "@lid", false, lid, phone},
		{"NOWEB, they write, known by phone",
			`"from":"6281299900011@c.us","fromMe":false,"_data":{"key":{"remoteJid":"6281299900011@s.whatsapp.net","remoteJidAlt":"201000000000011@lid","fromMe":false}}`,
			phone + "@c.us", false, lid, phone},
		{"NOWEB, we write, and it is not ours",
			`"from":"201000000000011@lid","fromMe":true,"_data":{"key":{"remoteJid":"201000000000011@lid","remoteJidAlt":"6281299900011@s.whatsapp.net","fromMe":true}}`,
			lid + "@lid", true, lid, phone},
		{"NOWEB, we write, and it is ours",
			`"from":"201000000000011@lid","fromMe":true,"_data":{"key":{"remoteJid":"201000000000011@lid","remoteJidAlt":"6281234500001@s.whatsapp.net","fromMe":true}}`,
			lid + "@lid", true, "", ""},
		{"NOWEB, we write by phone, and it is ours",
			`"from":"6281299900011@c.us","fromMe":true,"_data":{"key":{"remoteJid":"6281299900011@s.whatsapp.net","remoteJidAlt":"190000000000001@lid","fromMe":true}}`,
			phone + "@c.us", true, "", ""},

		{"WEBJS, they write", `"from":"6281299900011@c.us","to":"6281234500001@c.us","fromMe":false`, phone + "@c.us", false, "", ""},
		{"WEBJS, we write", `"from":"6281234500001@c.us","to":"6281299900011@c.us","fromMe":true`, phone + "@c.us", true, "", ""},
		{"we write, no reader named", `"from":"6281299900011@c.us","to":null,"fromMe":true`, phone + "@c.us", true, "", ""},
		{"direction only in the engine's", `"from":"6281299900011@c.us","_data":{"key":{"fromMe":true}}`, phone + "@c.us", true, "", ""},
		{"another server", `"from":"867051314767696@bot","fromMe":false`, "867051314767696@bot", false, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, problem := decoded(t, envelopeOf("message.any", `{"id":"m1","timestamp":1795400405,`+c.payload+`}`))
			if problem != "" {
				t.Fatal(problem)
			}
			m := d.Message
			if m.ChatID != c.chat || m.FromMe != c.fromMe || m.LID != c.lid || m.Phone != c.phone {
				t.Errorf("chat %s, from me %v, pair %q %q\nwant %s, %v, %q %q", m.ChatID, m.FromMe, m.LID, m.Phone, c.chat, c.fromMe, c.lid, c.phone)
			}
			if m.ID != "m1" || m.At != 1795400405000 {
				t.Errorf("id %q at %d", m.ID, m.At)
			}
		})
	}
}

// Without `me` nobody can tell whose NOWEB's alternative is when we write.
func TestDecode_messagePairWithoutMe(t *testing.T) {
	for me, want := range map[string]string{
		`null`:                            "",
		`{"id":"6281234500001@c.us"}`:     "6281299900011",
		`{"lid":"190000000000001@lid"}`:   "",
		`{"id":"6281299900011:2@c.us"}`:   "",
		`{"id":"nobody","lid":"1234567"}`: "",
	} {
		d, problem := decoded(t, `{"timestamp":1,"event":"message.any","session":"toko","me":`+me+`,"payload":{"timestamp":1795400405,"fromMe":true,"from":"201000000000011@lid","_data":{"key":{"remoteJid":"201000000000011@lid","remoteJidAlt":"6281299900011@s.whatsapp.net"}}}}`)
		if problem != "" || d.Message.Phone != want {
			t.Errorf("me %s: %q, phone %q, want %q", me, problem, d.Message.Phone, want)
		}
	}
}

func TestDecode_messageTime(t *testing.T) {
	for in, want := range map[string]int64{`1795400405`: 1795400405000, `"1795400405"`: 1795400405000, `1`: 1000, `99999999999`: 99999999999000} {
		d, problem := decoded(t, envelopeOf("message", `{"timestamp":`+in+`,"fromMe":false,"from":"62812@c.us"}`))
		if problem != "" || d.Message.At != want {
			t.Errorf("%s: %q, %+v, want %d", in, problem, d.Message, want)
		}
	}
}

func TestDecode_referral(t *testing.T) {
	delay := func(n int64) *int64 { return &n }
	for _, c := range []struct {
		name, referral string
		fromMe         string
		want           *Referral
	}{
		{"none", `{}`, "false", nil},
		{"not of our own", `{"sourceId":"7"}`, "true", nil},
		{"GOWS", `{"mediaType":2,"conversionDelaySeconds":12,"sourceId":"7"}`, "false", &Referral{MediaType: "VIDEO", ConversionDelaySeconds: delay(12), SourceID: "7"}},
		{"NOWEB", `{"mediaType":"image","conversionDelaySeconds":"12"}`, "false", &Referral{MediaType: "IMAGE", ConversionDelaySeconds: delay(12)}},
		{"no media", `{"mediaType":0}`, "false", &Referral{MediaType: "NONE"}},
		{"a delay that is no number", `{"conversionDelaySeconds":"soon"}`, "false", nil},
		{"lines and controls", `{"title":"  a\nb\u0000c "}`, "false", &Referral{Title: "a b c"}},
		{"every other member", `{"sourceType":"a","sourceUrl":"b","sourceApp":"c","ctwaClid":"d","ref":"e","conversionSource":"f","entryPointConversionSource":"g","entryPointConversionApp":"h","entryPointConversionExternalSource":"i","entryPointConversionExternalMedium":"j","utm":"k","utmSource":"l","utmCampaign":"m","smbClientCampaignID":"n"}`, "false",
			&Referral{SourceType: "a", SourceURL: "b", SourceApp: "c", CtwaClid: "d", Ref: "e", ConversionSource: "f", EntryPointSource: "g", EntryPointApp: "h", EntryPointExternalSource: "i", EntryPointExternalMedium: "j", UTM: "k", UTMSource: "l", UTMCampaign: "m", CampaignID: "n"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, problem := decoded(t, envelopeOf("message", `{"timestamp":1795400405,"fromMe":`+c.fromMe+`,"from":"62812@c.us","_referral":`+c.referral+`}`))
			if problem != "" {
				t.Fatal(problem)
			}
			if diff := cmp.Diff(c.want, d.Message.Referral); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
