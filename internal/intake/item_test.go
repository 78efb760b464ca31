package intake

import (
	"testing"

	"tandai/internal/waha"
)

func TestItemOf_Near(t *testing.T) {
	for _, x := range []struct {
		name, id string
		want     int64
	}{
		{"as WAHA writes it", "evt_01m832574sx9yj2gr3rewpm6jp", 1795399261337},
		{"the largest", "evt_7zzzzzzzzzzzzzzzzzzzzzzzzz", 1<<48 - 1},
		{"larger than a ULID can be", "evt_8zzzzzzzzzzzzzzzzzzzzzzzzz", 0},
		{"capital letters", "evt_01M832574SX9YJ2GR3REWPM6JP", 0},
		{"a letter that is no digit", "evt_01m8325u4sx9yj2gr3rewpm6jp", 0},
		{"too short", "evt_01m832574s", 0},
		{"another kind", "msg_01m832574sx9yj2gr3rewpm6jp", 0},
		{"a word", "x", 0},
	} {
		body := []byte(`{"id":"` + x.id + `","timestamp":77,"event":"message","session":"a"}`)
		if got := ItemOf("", waha.Keep(body), body).Near; got != x.want {
			t.Errorf("%s: %d, want %d", x.name, got, x.want)
		}
	}
	body := []byte(`{"timestamp":77,"event":"message","session":"a"}`)
	if got := ItemOf("", waha.Keep(body), body).Near; got != 77 {
		t.Errorf("without an id: %d, want the body's timestamp", got)
	}
}

// TestItemOf_Keys: what makes two deliveries one event, and what does not.
func TestItemOf_Keys(t *testing.T) {
	key := func(server, body string) [32]byte { return ItemOf(server, waha.Keep([]byte(body)), []byte(body)).Key }
	base := key("", `{"id":"evt_1","timestamp":77,"event":"message","session":"a","payload":{"x":1}}`)
	same := map[string][32]byte{
		"another hook's copy, formatted differently": key("", ` {"event":"message","session":"a","id":"evt_1","timestamp":77,"payload":{}}`),
	}
	other := map[string][32]byte{
		"another server":  key("b", `{"id":"evt_1","timestamp":77,"event":"message","session":"a","payload":{"x":1}}`),
		"another session": key("", `{"id":"evt_1","timestamp":77,"event":"message","session":"b","payload":{"x":1}}`),
		"another event":   key("", `{"id":"evt_1","timestamp":77,"event":"message.any","session":"a","payload":{"x":1}}`),
		"another id":      key("", `{"id":"evt_2","timestamp":77,"event":"message","session":"a","payload":{"x":1}}`),
		"no id":           key("", `{"timestamp":77,"event":"message","session":"a","payload":{"x":1}}`),
		"no id, other":    key("", `{"timestamp":77,"event":"message","session":"a","payload":{"x":2}}`),
	}
	for name, k := range same {
		if k != base {
			t.Errorf("%s is another event", name)
		}
	}
	seen := map[[32]byte]string{base: "the first"}
	for name, k := range other {
		if seen[k] != "" {
			t.Errorf("%s is the same event as %s", name, seen[k])
		}
		seen[k] = name
	}
}
