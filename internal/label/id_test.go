package label_test

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"tandai/internal/label"
)

// The values are pinned: an id that changes makes a replay record everything a
// second time. They were computed with sha256sum over, for example,
// "8:envelope0:13:hansarang_cs116:label.chat.added30:evt_…".
func TestIDs_golden(t *testing.T) {
	for _, tc := range []struct{ name, got, want string }{
		{"envelope", label.EventID("", "hansarang_cs1", "label.chat.added", "evt_01k7d4x2m8q5r9t3v6w0y1z2a3"),
			"aa37beaaae729d45ebd5444a230a4d2bc0be17ac932780e9bc8f995a74f5b210"},
		{"body", label.BodyID("main", []byte(`{"a":1}`)), "3debe4ecd700a4a96ffabd47a782d2428629d6792a98ad785cb428c2a046543d"},
		{"derived", label.DerivedID(strings.Repeat("a", 64), "6285678000111"), "a2e0d018fa87cd18bc62766df2c10783a7f3c2fe8bcab2cf6b5d9608eab0fb3b"},
	} {
		if tc.got != tc.want {
			t.Errorf("%s: got %s, want %s", tc.name, tc.got, tc.want)
		}
	}
}

func TestEventID_tellsApart(t *testing.T) {
	base := label.EventID("", "s", "message", "evt_1")
	for _, tc := range []struct{ name, id string }{
		{"another server", label.EventID("b", "s", "message", "evt_1")},
		{"another session", label.EventID("", "t", "message", "evt_1")},
		{"message.any shares the envelope id of message", label.EventID("", "s", "message.any", "evt_1")},
		{"another envelope", label.EventID("", "s", "message", "evt_2")},
		{"a byte moved from the session to the server", label.EventID("s", "", "message", "evt_1")},
		{"a byte moved from the id to the event", label.EventID("", "s", "messagee", "vt_1")},
		{"a separator in the data", label.EventID("", "s7:message", "", "evt_1")},
		{"a length in the data", label.EventID("", "s7:message5:evt_1", "", "")},
		{"a zero byte in the data", label.EventID("", "s\x00", "message", "evt_1")},
		{"a body of the same text", label.BodyID("", []byte("smessageevt_1"))},
		{"a derived id of the same text", label.DerivedID("s", "messageevt_1")},
	} {
		if tc.id == base {
			t.Errorf("%s: the same id", tc.name)
		}
	}
}

func TestEventID_equalOnlyForEqualParts(t *testing.T) {
	hex := regexp.MustCompile(`^[0-9a-f]{64}$`)
	part := rapid.StringMatching(`[0-9a:]{0,4}`) // digits and colons: what lengths are written with
	rapid.Check(t, func(t *rapid.T) {
		var a, b [4]string
		for i := range a {
			a[i], b[i] = part.Draw(t, "a"), part.Draw(t, "b")
		}
		ida, idb := label.EventID(a[0], a[1], a[2], a[3]), label.EventID(b[0], b[1], b[2], b[3])
		if !hex.MatchString(ida) {
			t.Fatalf("%q is not 64 hex digits", ida)
		}
		if (a == b) != (ida == idb) {
			t.Fatalf("%q and %q: ids equal is %v", a, b, ida == idb)
		}
	})
}
