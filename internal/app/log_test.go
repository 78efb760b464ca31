package app

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"tandai/internal/config"
)

func TestNewLogMasksPhones(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		t.Run(format, func(t *testing.T) {
			var out bytes.Buffer
			log := NewLog(&out, config.Log{Format: format, Level: "info"})
			log.With("lead", "6281299900011").Error("chat 6281299900012@c.us is odd", "err", errors.New("lead 6281299900013: no"), "chat", "201000000000011@lid", "at", int64(1795399261337))
			for _, secret := range []string{"6281299900011", "6281299900012", "6281299900013", "201000000000011"} {
				if strings.Contains(out.String(), secret) {
					t.Errorf("%s is logged in clear: %s", secret, out.String())
				}
			}
			for _, kept := range []string{"6281•••11", "6281•••13", "2010•••11@lid", "1795399261337"} {
				if !strings.Contains(out.String(), kept) {
					t.Errorf("%s is missing: %s", kept, out.String())
				}
			}
		})
	}
}

func TestMask(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"a phone", "to 6281299900011: no", "to 6281•••11: no"},
		{"a phone in a chat id", "6281299900011@c.us", "6281•••11@c.us"},
		{"a device of a phone", "6281299900011:7@s.whatsapp.net", "6281•••11:7@s.whatsapp.net"},
		{"a hidden id", "201000000000011@lid", "2010•••11@lid"},
		{"an American phone", "+14155550123", "+1415•••23"},
		{"two of them", "6281299900011 is 6281299900012", "6281•••11 is 6281•••12"},
		{"a hash", "event 83b6339fa448363c1ba12962c74c175ef75db21172a964b424620ea0a9464dc7", "event 83b6339fa448363c1ba12962c74c175ef75db21172a964b424620ea0a9464dc7"},
		{"a time", "started at 1726000004000", "started at 1726000004000"},
		{"a short number", "error 1045 after 12345678 tries", "error 1045 after 12345678 tries"},
	} {
		if got := Mask(tt.in); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}
