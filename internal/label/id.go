package label

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
)

// EventID identifies one delivery: SHA-256, in 64 hex digits, over the
// length-prefixed WAHA server, session, event name and envelope id. A WAHA
// envelope id alone is not enough: message and message.any of one message
// share it, and so may two servers.
func EventID(server, session, event, envelopeID string) string {
	return EventKey(server, session, event, envelopeID).ID()
}

// BodyID identifies a delivery whose envelope carries no id, by its bytes.
func BodyID(server string, body []byte) string { return BodyKey(server, body).ID() }

// DerivedID identifies the log row that a label's deletion leaves on one lead.
func DerivedID(deletionID, lead string) string {
	return hashOf("label_deleted", deletionID, lead).ID()
}

// Key is an event id before it is written in hex.
type Key [sha256.Size]byte

// ID is the key in 64 hex digits: event_id.
func (k Key) ID() string { return hex.EncodeToString(k[:]) }

// EventKey is EventID as bytes.
func EventKey(server, session, event, envelopeID string) Key {
	return hashOf("envelope", server, session, event, envelopeID)
}

// BodyKey is BodyID as bytes.
func BodyKey(server string, body []byte) Key { return hashOf("body", server, string(body)) }

// hashOf writes each part as its length in decimal, a colon, and its bytes, so
// that no two lists of parts give the same text.
func hashOf(parts ...string) Key {
	n := 0
	for _, p := range parts {
		n += len(p) + 8
	}
	text := make([]byte, 0, n)
	for _, p := range parts {
		text = strconv.AppendInt(text, int64(len(p)), 10)
		text = append(text, ':')
		text = append(text, p...)
	}
	return sha256.Sum256(text)
}
