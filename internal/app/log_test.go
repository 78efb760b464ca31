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

func TestMaskLeavesHashesAlone(t *testing.T) {
	id := "83b6339fa448363c1ba12962c74c175ef75db21172a964b424620ea0a9464dc7"
	if got := Mask("event " + id); got != "event "+id {
		t.Errorf("Mask = %q", got)
	}
}
