package lead_test

import (
	"testing"

	"tandai/internal/lead"
)

func TestOfChat(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"a phone as WAHA writes it", "6285678000111@c.us", "6285678000111"},
		{"a phone as WhatsApp writes it", "6285678000111@s.whatsapp.net", "6285678000111"},
		{"a hidden id", "201012345678901@lid", "201012345678901@lid"},
		{"a phone with a device", "6285678000111:7@s.whatsapp.net", "6285678000111"},
		{"a hidden id with a device", "201012345678901:12@lid", "201012345678901@lid"},
		{"a phone with an agent", "6285678000111_1@c.us", "6285678000111"},
		{"a phone with an agent and a device", "6285678000111_1:7@c.us", "6285678000111"},
		{"a phone with a dotted agent", "6285678000111.0:7@c.us", "6285678000111"},
		{"a group", "120363041234567890@g.us", ""},
		{"a group of the old form", "6285678000111-1520000000@g.us", ""},
		{"the status broadcast", "status@broadcast", ""},
		{"a broadcast list", "1520000000@broadcast", ""},
		{"a channel", "120363041234567890@newsletter", ""},
		{"a bot", "867051314767696@bot", ""},
		{"digits alone", "6285678000111", ""},
		{"a server alone", "@c.us", ""},
		{"a device alone", ":7@c.us", ""},
		{"an agent alone", "_1@lid", ""},
		{"two servers", "6285678000111@c.us@c.us", ""},
		{"a server in capitals", "6285678000111@C.US", ""},
		{"a subdomain", "6285678000111@x.c.us", ""},
		{"letters", "abc@c.us", ""},
		{"a plus sign", "+6285678000111@c.us", ""},
		{"a space", " 6285678000111@c.us", ""},
		{"digits of another script", "٦٢٨@c.us", ""},
		{"letters behind a hidden id", "2010x@lid", ""},
		{"nothing", "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := lead.OfChat(tc.in); got != tc.want {
				t.Errorf("OfChat(%q) = %q, want %q", tc.in, got, tc.want)
			}
		})
	}
}

func TestHidden(t *testing.T) {
	if got := lead.Hidden("2010"); got != "2010@lid" || !lead.IsHidden(got) {
		t.Errorf("Hidden = %q, IsHidden %v", got, lead.IsHidden(got))
	}
	for _, phone := range []string{"", "6285678000111", "2010@lid@c.us", "lid"} {
		if lead.IsHidden(phone) {
			t.Errorf("IsHidden(%q)", phone)
		}
	}
}
