package inbox

import "fmt"

// Item is one delivery to keep.
type Item struct {
	// Key identifies the delivery (its event id): a second Item with the same
	// Key is the same delivery and is not stored again.
	Key [32]byte

	// Near is a number that grows roughly with time and is a function of what
	// Key is a function of (the time inside the envelope's ULID, say), or 0.
	// It only keeps neighbours together in the index, but it is part of what
	// is unique: the same Key must always come with the same Near.
	Near int64

	Server, Session, Event string

	At         int64  // the envelope's timestamp, Unix ms as sent, or 0
	Headers    string // of the request, as whoever reads them wants them; "" = not kept
	Body       []byte // not kept after Put has returned
	Quarantine string // not empty: stored as quarantined for this reason
}

// State says what has become of a body.
type State int

const (
	Waiting     State = 0 // not yet dealt with
	Done        State = 1 // recorded in the store
	Skipped     State = 2 // does not belong; Reason is a short code
	Quarantined State = 3 // not understood or refused; Reason is a sentence
)

func (s State) String() string {
	switch s {
	case Waiting:
		return "waiting"
	case Done:
		return "done"
	case Skipped:
		return "skipped"
	case Quarantined:
		return "quarantined"
	}
	return fmt.Sprintf("State(%d)", int(s))
}

// Delivery is one stored body.
type Delivery struct {
	Seq        int64 // order of receipt, from 1
	Key        [32]byte
	Server     string
	Session    string
	Event      string
	At         int64 // the envelope's timestamp, Unix ms as sent, or 0
	ReceivedAt int64 // Unix ms, by our clock
	Headers    string
	Body       []byte

	State     State
	Reason    string
	SettledAt int64 // when State became what it is, Unix ms; 0 while it waits for the first time
}

// Outcome says what became of one claimed body.
type Outcome struct {
	Seq    int64
	State  State  // Done, Skipped or Quarantined
	Reason string // of Skipped a short code, of Quarantined a sentence, of Done ""
	// Stored says that the database holds something of it although it is not Done:
	// it is looked at when the database may have lost its last moments.
	Stored bool
}

// Filter chooses bodies. The zero Filter chooses all.
type Filter struct {
	Since, Until int64    // received_at in [Since, Until), Unix ms; 0 is open
	States       []State  // none: every state
	Sessions     []string // none: every session; "server.session" for a named server, as in Delivery.SessionName
}

// SessionName is the session's name among all servers: "server.session", or
// the session alone for the server without a name.
func (d *Delivery) SessionName() string {
	if d.Server == "" {
		return d.Session
	}
	return d.Server + "." + d.Session
}

func (f *Filter) state(s State) bool {
	for _, x := range f.States {
		if x == s {
			return true
		}
	}
	return len(f.States) == 0
}

func (f *Filter) session(d *Delivery) bool {
	for _, x := range f.Sessions {
		if x == d.SessionName() {
			return true
		}
	}
	return len(f.Sessions) == 0
}
