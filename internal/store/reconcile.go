package store

import (
	"context"

	"tandai/internal/label"
	"tandai/internal/lead"
)

// Reconciliation is what comparing with WAHA reads and keeps. Nothing here holds a
// lock between two calls.
type Reconciliation interface {
	// Shown reads, from one consistent state, what is known of a session's labels.
	// ask is called with all of it but History and says for which labels of which
	// leads History is wanted; nil = for none.
	Shown(ctx context.Context, session string, ask func(Shown) []LabelOn) (Shown, error)
	// SaveReading writes what one read came to, in one transaction.
	SaveReading(ctx context.Context, r Reading) error
	// Readings returns the newest reads, newest first: of one session, or of all
	// with "".
	Readings(ctx context.Context, session string, limit int) ([]ReadingRun, error)
	// NotedDifferences returns what is noted and not yet confirmed, by session and
	// time: of one session, or of all with "".
	NotedDifferences(ctx context.Context, session string, limit int) ([]Noted, error)
	// Repaired returns the rows of the log that came from comparing, newest first,
	// with timestamp_unix in [since, until); those found at the first look are
	// left out.
	Repaired(ctx context.Context, session string, since, until int64, limit int) ([]LogRow, error)
	// HiddenRepaired returns the hidden ids that rows which came from comparing
	// still bear, in order.
	HiddenRepaired(ctx context.Context, session string) ([]string, error)
	// Coverage counts, per session, how the changes of state in [since, until) by
	// timestamp_unix became known; inTime is within how many ms a webhook came in
	// time.
	Coverage(ctx context.Context, since, until, inTime int64) ([]Coverage, error)
}

// LabelOn is a label on a lead, of a session that the context tells.
type LabelOn struct{ Lead, LabelID string }

// Shown is what the log says of one session's labels.
type Shown struct {
	Session string
	Active  []label.Span // not ended, in no order that means anything
	People  lead.Identities
	// AgreedAt tells per label when its list was last read whole and compared,
	// Unix ms by WAHA's clock; "" stands for the read as a whole.
	AgreedAt map[string]int64
	PairedAt int64 // when the phone was last paired, Unix ms; 0 = not known
	Noted    map[LabelOn]Noted
	History  map[LabelOn]Last
}

// Last is the latest thing the log holds about a label on a lead: a row of the
// log, or the deletion of the whole label.
type Last struct {
	At         int64  // Unix ms; 0 = nothing
	ID         string // event_id
	ReceivedAt int64  // Unix ms, our clock
}

// Noted is a difference that has been seen and not been confirmed.
type Noted struct {
	Session, Lead, LabelID string
	As                     LabelOn      // the key it is kept under; Lead may have become known since
	Status                 label.Status // of the event that would repair it
	ChatID                 string       // as WAHA has it
	FirstAt                int64        // when the first read was asked for, Unix ms, corrected: timestamp_unix of the repair
	NotedAt                int64        // the same by our clock, uncorrected
	NotBefore              int64        // the last agreement, Unix ms; 0 = none known
	StartUnknown           bool
	Base                   Last // what the state was based on; ReceivedAt is not kept
}

// Reading is what one read of a session leaves behind.
type Reading struct {
	Run      ReadingRun
	AgreedAt map[string]int64 // see Shown; nil when the read was not complete
	Forget   []Noted          // repaired, gone, or begun anew; only where FirstAt is still the same
	Note     []Noted          // new; after Forget, and never over a note that is there already
	KeepFrom int64            // older runs are let go, Unix ms; 0 = none
}

// ReadingRun is one read of one session, for people.
type ReadingRun struct {
	ID          string `json:"id"`
	Session     string `json:"session"`
	Reason      string `json:"reason"` // start, working, command, …
	Engine      string `json:"engine"` // "" = not known
	StartedAt   int64  `json:"started_at"`
	FinishedAt  int64  `json:"finished_at"`
	Labels      int    `json:"labels"`      // lists that were read
	Chats       int    `json:"chats"`       // labels on chats that were read
	Differences int    `json:"differences"` // seen in this read
	Repaired    int    `json:"repaired"`
	Open        int    `json:"open"`  // seen, and not repaired
	Error       string `json:"error"` // why it is not complete, "" when it is
}

// Coverage is how the changes of one session's state became known.
type Coverage struct {
	Session  string `json:"session"`
	InTime   int    `json:"in_time"`  // by webhook, soon enough
	Late     int    `json:"late"`     // by webhook, later
	Repaired int    `json:"repaired"` // by comparing with WAHA
}

// Share is the part that came by webhook in time, 0 to 1; 1 where nothing changed.
func (c Coverage) Share() float64 {
	all := c.InTime + c.Late + c.Repaired
	if all == 0 {
		return 1
	}
	return float64(c.InTime) / float64(all)
}
