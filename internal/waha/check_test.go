package waha

import (
	"math"
	"strings"
	"testing"
	"time"
)

func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestCheckTimestamp(t *testing.T) {
	now := time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name string
		ms   int64
		want string
	}{
		{"now", now.UnixMilli(), ""},
		{"first of 2015", 1420070400000, ""},
		{"a day ahead", now.UnixMilli() + 86_400_000, ""},
		{"just before 2015", 1420070399999, "timestamp is 1420070399999 (2014-12-31), which is before 2015"},
		{"more than a day ahead", now.UnixMilli() + 86_400_001, "timestamp is 1795485600001 (2026-11-24), which is more than a day ahead of this machine's clock (2026-11-23)"},
		{"zero", 0, "timestamp is 0, want milliseconds since 1970"},
		{"negative", -1795399261337, "timestamp is -1795399261337, which is negative, want milliseconds since 1970"},
		{"one", 1, "timestamp is 1 (1970-01-01), which is before 2015"},
		{"seconds", 1795399261, "timestamp is 1795399261, which looks like seconds, want milliseconds"},
		{"microseconds", 1795399261337000, "timestamp is 1795399261337000, which looks like microseconds, want milliseconds"},
		{"far future", 4102444800000, "timestamp is 4102444800000 (2100-01-01), which is more than a day ahead of this machine's clock (2026-11-23)"},
		{"nanoseconds", 179539926133700000, "timestamp is 179539926133700000, which is in the far future"},
		{"largest", math.MaxInt64, "timestamp is 9223372036854775807, which is in the far future"},
		{"smallest", math.MinInt64, "timestamp is -9223372036854775808, which is negative, want milliseconds since 1970"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := message(CheckTimestamp(c.ms, now)); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestCheckSession(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"plain", "hansarang_cs1", ""},
		{"one character", "A", ""},
		{"dashes only", "--", ""},
		{"longest", strings.Repeat("a", 54), ""},
		{"empty", "", "session is empty"},
		{"too long", strings.Repeat("a", 55), "session is 55 characters long, want at most 54"},
		{"space", "toko aisyah", "session has the character U+0020, want only letters, digits, '_' and '-'"},
		{"dot", "server.toko", "session has the character U+002E, want only letters, digits, '_' and '-'"},
		{"letter of another script", "tokö", "session has the character U+00F6, want only letters, digits, '_' and '-'"},
		{"NUL", "toko\x00", "session has the character U+0000, want only letters, digits, '_' and '-'"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := message(CheckSession(c.in)); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestColorHex(t *testing.T) {
	for index, want := range map[int]string{0: "#ff9485", 5: "#55ccb3", 13: "#f74848", 19: "#9368cf", 20: "#000000", 27: "#000000", -1: "#000000"} {
		if got := ColorHex(index); got != want {
			t.Errorf("ColorHex(%d) = %s, want %s", index, got, want)
		}
	}
}

func TestUseOf(t *testing.T) {
	for event, want := range map[string]EventUse{
		"label.chat.added": EventUsed, "label.chat.deleted": EventUsed, "label.upsert": EventUsed, "label.deleted": EventUsed,
		"session.status": EventUsed, "message": EventUsed, "message.any": EventUsed,
		"message.ack": EventUnused, "presence.update": EventUnused,
		"group.v2.participants.join.request": EventUnknown, "Message": EventUnknown, "": EventUnknown,
	} {
		if got := UseOf(event); got != want {
			t.Errorf("UseOf(%q) = %d, want %d", event, got, want)
		}
	}
}
