package intake

import (
	"strings"

	"tandai/internal/inbox"
	"tandai/internal/label"
	"tandai/internal/waha"
)

// ItemOf is what the inbox keeps of a delivery from a server.
func ItemOf(server string, kept waha.Kept, body []byte) inbox.Item {
	h := kept.Head
	it := inbox.Item{
		Server: server, Session: h.Session, Event: h.Event, At: h.Timestamp,
		Body: kept.Body, Quarantine: kept.Problem,
	}
	if h.ID != "" && kept.Problem == "" {
		it.Key = label.EventKey(server, h.Session, h.Event, h.ID)
		it.Near = ulidTime(h.ID)
	} else {
		it.Key = label.BodyKey(server, body)
	}
	return it
}

// ulidTime is the time in an envelope id, "evt_" and a ULID: its first ten
// characters, in Crockford's base 32, are Unix ms. 0 for any other id. It is a
// function of the id alone: the same delivery always has the same.
// Source: github.com/ulid/spec.
func ulidTime(id string) int64 {
	ulid, ok := strings.CutPrefix(id, "evt_")
	if !ok || len(ulid) != 26 {
		return 0
	}
	const digits = "0123456789abcdefghjkmnpqrstvwxyz"
	var ms int64
	for i := range 10 {
		d := strings.IndexByte(digits, ulid[i])
		if d < 0 {
			return 0
		}
		ms = ms<<5 | int64(d)
	}
	return ms
}
