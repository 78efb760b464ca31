// Package label is the vocabulary of labels on WhatsApp chats: what was seen
// (Event, Deletion, Observation), and what follows from it (Span, Version).
//
// Everything here is pure: the same inputs in any order, any batching and any
// duplication give the same result. The package never sees a clock, a file or
// a socket. All times are Unix milliseconds in UTC.
package label

// Status says what happened to the label. The values are the ones the
// analysts' table has always held.
type Status string

// The two things that can happen to a label on a chat.
const (
	Added   Status = "add_label"
	Removed Status = "delete_label"
)

// Source says how an Event became known.
type Source string

// The sources of events. Only FromLabelDeleted is derived by the fold; all
// other rows are observations and are never withdrawn.
const (
	FromWebhook      Source = "webhook"
	FromSnapshot     Source = "snapshot"
	FromImport       Source = "import"
	FromLabelDeleted Source = "label_deleted"
)

// Event is one label added to or removed from one chat: a row of the log.
type Event struct {
	ID           string // 64 hex digits, see EventID
	Session      string // the WAHA session, "server.session" beyond the first server
	ChatID       string // as WAHA wrote it: 6281…@c.us, 2010…@lid
	LabelID      string // unique only inside a session
	Status       Status
	At           int64 // timestamp_unix, Unix ms
	Source       Source
	NotBefore    int64 // snapshot only: it happened after this, Unix ms; 0 = unknown
	StartUnknown bool  // it was there when we first looked
	ReceivedAt   int64 // Unix ms

	SaidClient string // the client the envelope named; "" where it named none
	SaidCS     string // digits of the envelope's own number; "" while me is null
	SaidName   string // import only: the label's name as the row had it

	// Functions of the above, the identities, the label's versions and the
	// session's owners; refilled whenever one of those changes.
	Client    string // klien
	CS        string // nomor_cs, "" until known
	Lead      string // nomor_lead: digits, or hidden id + "@lid" until known
	LabelName string // the name at that time, "" until known
}

// Deletion is a whole label deleted in one session at one time.
type Deletion struct {
	ID         string // 64 hex digits
	Session    string
	LabelID    string
	At         int64
	ReceivedAt int64
}

// Span is the time one label stayed on one lead in one session:
// [StartedAt, EndedAt), EndedAt 0 while it is still there.
type Span struct {
	Session, Lead, LabelID string
	StartedAt, EndedAt     int64
	StartUnknown           bool
	Ambiguous              bool // an add and a removal share a millisecond with an end of it

	// From the event that began it.
	ChatID, Client, CS string
}

// Active reports whether the label is still on the lead.
func (s Span) Active() bool { return s.EndedAt == 0 }
