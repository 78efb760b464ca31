package waha

import (
	"strings"
	"testing"
)

func TestParseChatID(t *testing.T) {
	for _, c := range []struct {
		name, in string
		kind     ChatKind
		user     string
		reason   string // empty when it can be parsed
	}{
		{"phone", "6281299900011@c.us", ChatPhone, "6281299900011", ""},
		{"phone, raw", "6281299900011@s.whatsapp.net", ChatPhone, "6281299900011", ""},
		{"phone with a device", "6281299900011:7@s.whatsapp.net", ChatPhone, "6281299900011", ""},
		{"phone with an agent and a device", "6281299900011.0:7@s.whatsapp.net", ChatPhone, "6281299900011", ""},
		{"phone with an agent", "6281299900011.1@c.us", ChatPhone, "6281299900011", ""},
		{"shortest phone", "62812@c.us", ChatPhone, "62812", ""},
		{"longest phone", strings.Repeat("9", 20) + "@c.us", ChatPhone, strings.Repeat("9", 20), ""},
		{"hidden", "201000000000011@lid", ChatHidden, "201000000000011", ""},
		{"hidden with a device", "201000000000011:3@lid", ChatHidden, "201000000000011", ""},
		{"group", "120363025555123456@g.us", ChatGroup, "120363025555123456", ""},
		{"old group", "6281299900011-1600000000@g.us", ChatGroup, "6281299900011-1600000000", ""},
		{"status", "status@broadcast", ChatBroadcast, "status", ""},
		{"newsletter", "120363111111111111@newsletter", ChatNewsletter, "120363111111111111", ""},
		{"bot", "867051314767696@bot", ChatOther, "867051314767696", ""},
		{"hosted", "6281299900011@hosted", ChatOther, "6281299900011", ""},
		{"hosted lid", "201000000000011@hosted.lid", ChatOther, "201000000000011", ""},
		{"WhatsApp itself", "0@c.us", ChatOther, "0", ""},

		{"empty", "", 0, "", "is empty"},
		{"no at", "6281299900011", 0, "", "has no @"},
		{"two ats", "6281299900011@c.us@c.us", 0, "", "has more than one @"},
		{"empty user", "@c.us", 0, "", "has nothing before the @"},
		{"empty server", "6281299900011@", 0, "", "has nothing after the @"},
		{"only an at", "@", 0, "", "has nothing before the @"},
		{"server in upper case", "6281299900011@C.US", 0, "", "has something other than a server's name after the @"},
		{"a plus", "+6281299900011@c.us", 0, "", "begins with +, want digits only"},
		{"a leading zero", "081299900011@c.us", 0, "", "begins with 0, want the country code first"},
		{"too short", "6281@c.us", 0, "", "has 4 digits before the @, want 5 to 20"},
		{"too long", strings.Repeat("9", 21) + "@lid", 0, "", "has 21 digits before the @, want 5 to 20"},
		{"letters", "62812abc00011@c.us", 0, "", "has a character other than a digit before the @"},
		{"a dash", "62812-9990-0011@c.us", 0, "", "has a character other than a digit before the @"},
		{"device without a user", ":7@c.us", 0, "", "has a character other than a digit before the @"},
		{"device that is a word", "6281299900011:x@c.us", 0, "", "has a device that is not a number"},
		{"device that is missing", "6281299900011:@c.us", 0, "", "has a device that is not a number"},
		{"three tags", "6281299900011.1:2:3@c.us", 0, "", "has a device that is not a number"},
		{"a space", "62812 9990@c.us", 0, "", "has a character no chat id has, at byte 5"},
		{"a NUL", "6281299900011\x00@c.us", 0, "", "has a character no chat id has, at byte 13"},
		{"a new line", "6281299900011@c.us\n", 0, "", "has a character no chat id has, at byte 18"},
		{"other digits", "٦٢٨١٢٩٩٩@c.us", 0, "", "has a character no chat id has, at byte 0"},
		{"very long", strings.Repeat("6", 10_000) + "@c.us", 0, "", "is 10005 bytes long, want at most 128"},
	} {
		t.Run(c.name, func(t *testing.T) {
			kind, user, err := ParseChatID(c.in)
			if c.reason != "" {
				if err == nil || err.Error() != c.reason {
					t.Fatalf("error %v, want %q", err, c.reason)
				}
				return
			}
			if err != nil || kind != c.kind || user != c.user {
				t.Errorf("= %v, %q, %v; want %v, %q", kind, user, err, c.kind, c.user)
			}
			if want := kind == ChatPhone || kind == ChatHidden; kind.Personal() != want {
				t.Errorf("Personal() = %v", !want)
			}
		})
	}
}

func TestChatKind_String(t *testing.T) {
	for kind, want := range map[ChatKind]string{
		ChatOther: "other", ChatPhone: "phone", ChatHidden: "hidden", ChatGroup: "group",
		ChatBroadcast: "broadcast", ChatNewsletter: "newsletter", 9: "ChatKind(9)", -1: "ChatKind(-1)",
	} {
		if got := kind.String(); got != want {
			t.Errorf("%d: %q, want %q", int(kind), got, want)
		}
	}
}
