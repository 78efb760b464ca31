package web

import (
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestMask(t *testing.T) {
	for _, tc := range []struct{ name, got, want string }{
		{"a phone", maskLead("6281234564471"), "6281•••4471"},
		{"a hidden id", maskLead("201000000000099@lid"), "2010•••0099"},
		{"a short number", maskLead("12345678"), "12•••78"},
		{"a few digits", maskLead("123"), "•••"},
		{"nobody", maskLead(""), "•••"},
		{"what is no number", maskLead("<b>6281234564471"), "<b>6281•••4471"},
		{"text without numbers", maskText("Follow up 🔥"), "Follow up 🔥"},
		{"a phone in a name", maskText("Budi 081234567890 besok"), "Budi 0812•••7890 besok"},
		{"short numbers stay", maskText("after 211 bytes at 8080"), "after 211 bytes at 8080"},
		{"a time is what the reason is about", maskText("timestamp 1795399213 is in seconds"), "timestamp 1795399213 is in seconds"},
		{"a chat behind a time", maskText("timestamp of 6281234564471@c.us"), "timestamp of 6281•••4471@c.us"},
		{"a session that is a number", maskText("labeling_6281234564471"), "labeling_6281•••4471"},
		{"a long text", maskText(strings.Repeat("é", 300)), strings.Repeat("é", 240) + "…"},
	} {
		if tc.got != tc.want {
			t.Errorf("%s: got %q, want %q", tc.name, tc.got, tc.want)
		}
	}
}

func TestMask_anyText(t *testing.T) {
	nine := regexp.MustCompile(`\d{9}`)
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.RuneFrom([]rune("0123456789 @•<é🔥\x00")), 0, 300, -1).Draw(t, "text")
		got := maskText(text)
		if nine.MatchString(got) {
			t.Fatalf("%q still holds a long number", got)
		}
		if utf8.RuneCountInString(got) > longText+1+utf8.RuneCountInString(text) || !utf8.ValidString(got) {
			t.Fatalf("%q", got)
		}
		if !nine.MatchString(text) && utf8.RuneCountInString(text) <= longText && got != text {
			t.Fatalf("%q became %q", text, got)
		}
	})
}
