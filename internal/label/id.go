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

// ImportID identifies a row of a table that is copied into the log: SHA-256 over
// the length-prefixed session, columns as they stood, and occurrence (0 for the
// first of several rows that are equal in all of them). A column that is NULL
// differs from one that is empty. The table's name is not part of it, so that a
// copy of a table is the same rows.
func ImportID(session string, columns []ImportColumn, occurrence int) string {
	parts := make([]string, 0, len(columns)+3)
	parts = append(parts, "import", session)
	for _, c := range columns {
		if c.Null {
			parts = append(parts, "n")
		} else {
			parts = append(parts, "t"+c.Text)
		}
	}
	return hashOf(append(parts, strconv.Itoa(occurrence))...).ID()
}

// ImportColumn is one column of a row to be imported, as it stood.
type ImportColumn struct {
	Text string
	Null bool
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
