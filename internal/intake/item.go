package intake

import (
	"strings"

	"tandai/internal/inbox"
	"tandai/internal/label"
	"tandai/internal/waha"
)

// ItemOf is what the inbox keeps of a delivery: body is what came, kept what
// waha.Keep left of it, and server the name under which the server's sessions
// are known, "" for the first one's.
//
// The key is the event id: of the envelope's id where there is one, else of the
// body itself. Near is a function of the same and grows with time.
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
		it.Near = h.Timestamp
	}
	return it
}

// ulidTime is the time in an envelope id, "evt_" and a lower-case ULID: its first
// ten characters, in Crockford's base 32, are Unix ms. 0 for any other id.
// Source: github.com/ulid/spec; WAHA, src/utils/ids.ts, generatePrefixedId.
func ulidTime(id string) int64 {
	ulid, ok := strings.CutPrefix(id, "evt_")
	if !ok || len(ulid) != 26 || ulid[0] > '7' {
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
