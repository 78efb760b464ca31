// Package store is the contract between Tandai and the SQL database that holds
// the label log, the spans folded from it, and what reports read.
//
// One implementation of the rules (store/sqlstore) runs on two engines
// (store/sqlite, store/mysql); store/storetest is the suite both must pass.
package store

import (
	"context"
	"time"

	"tandai/internal/label"
	"tandai/internal/lead"
)

// Input is what one delivery, imported row or snapshot difference adds to what
// is known about one session. Any part may be absent, except Session; and that too,
// where there is nothing but Outbound.
type Input struct {
	Session string
	At      int64  // when it was seen, Unix ms
	Number  string // digits of the session's own number, "" when not said
	Client  string // the client the envelope named, "" when none

	Event    *label.Event   // a label added to or removed from a chat; its derived fields are ignored
	Change   *LabelChange   // a label itself renamed or deleted
	Sighting *LabelSighting // a label's name seen in passing
	Pair     *lead.Pair     // a hidden id and a phone that are one person
	Contact  *lead.Contact  // a message's trace
	Status   string         // what WAHA says of the session: WORKING, FAILED, …
	Statuses []StatusAt     // its last few statuses, each with its own time
	Outbound *Outbound      // what of it is sent on
	Engine   string         // what the session runs on: WEBJS, WPP, NOWEB, GOWS; "" when not said
}

// EngineNOWEB is the engine that sends the labels it finds on the phone as if they
// were new, right after pairing: see label.InBurst.
const EngineNOWEB = "NOWEB"

// StatusAt is a step of a session's life.
type StatusAt struct {
	Status string
	At     int64 // Unix ms
}

// LabelChange is a row of the label catalogue's own log.
type LabelChange struct {
	ID         string // 64 hex digits
	LabelID    string
	Deleted    bool
	At         int64
	Name       string // "" where it was not said
	Color      int    // label.NoColor where it was not said
	ReceivedAt int64
}

// LabelSighting is a label's name and colour carried by another event.
type LabelSighting struct {
	LabelID string
	Name    string
	Color   int
}

// SightedAt is when the label had the name of the input's sighting: with a
// removal, just before it. When a whole label is deleted its chats lose it in that
// very millisecond, and the name belongs to the label that is no more.
func (i Input) SightedAt() int64 {
	if i.Event != nil && i.Event.Status == label.Removed {
		return i.At - 1
	}
	return i.At
}

// Recorded says what one call of Record changed.
type Recorded struct {
	Events   int       // rows new in the log
	Known    int       // rows that were there already
	Changed  int       // rows a replay mapped differently
	Filled   int       // rows whose name, phone or number became known
	Spans    int       // spans begun, ended or withdrawn
	Sessions []string  // seen for the first time
	Unknown  []Unknown // what the new rows lack, without doubles
	// Ambiguous are sessions with spans whose order cannot be told any more, though
	// it could before; a name may stand more than once.
	Ambiguous []string
}

// Unknown is something a new row of the log lacks: the phone behind a hidden id,
// or, with Hidden "", the name of a label of the session.
type Unknown struct{ Session, Hidden string }

// Add sums up.
func (r *Recorded) Add(o Recorded) {
	r.Events += o.Events
	r.Known += o.Known
	r.Changed += o.Changed
	r.Filled += o.Filled
	r.Spans += o.Spans
	r.Sessions = append(r.Sessions, o.Sessions...)
	r.Unknown = append(r.Unknown, o.Unknown...)
	r.Ambiguous = append(r.Ambiguous, o.Ambiguous...)
}

// SessionConfig is what the configuration says of a session.
type SessionConfig struct {
	Session string
	Client  string // "" = not configured: the envelope's client, else the session's own name
	CS      string // a name for people, "CS 1"
	View    string // wanted name of its view; "" = labeling_<session>
	Zone    string // IANA zone of the client's days
}

// Settings is the configuration as the store needs it. It is kept in the
// database, so that every command and server reads the same.
type Settings struct {
	Zone     string // for sessions that are not configured
	Sessions []SessionConfig
	// Keep leaves alone what an earlier configuration said of sessions that are not
	// among these: a start without the file must not undo it.
	Keep bool
}

// Store is the database. All methods are safe for concurrent use.
//
// Errors are *Error; errors.Is works with ErrUnavailable and ErrRefused.
type Store interface {
	// Migrate brings the schema up to date under a lock, and returns how many
	// steps it took. Forward only.
	Migrate(ctx context.Context) (int, error)
	// SchemaVersion says where the schema stands and where it should.
	SchemaVersion(ctx context.Context) (have, want int64, err error)
	// Ping reports whether the database answers.
	Ping(ctx context.Context) error
	// Server names the server that answers. SQLite has none.
	Server(ctx context.Context) (Server, error)
	// Clock is what time the database thinks it is.
	Clock(ctx context.Context) (time.Time, error)
	// Describe names the engine and its version for people, without secrets.
	Describe(ctx context.Context) string

	// Configure keeps the settings, and refolds the sessions they change.
	Configure(ctx context.Context, s Settings) error
	// Record writes log, labels, identities, contacts, spans and summaries of all
	// inputs in one transaction. It is idempotent; when it returns nil all of it
	// is durable, when it returns an error it may be or may not be.
	Record(ctx context.Context, in []Input) (Recorded, error)
	// Phones returns the phones known for hidden leads (digits + "@lid").
	Phones(ctx context.Context, session string, hidden []string) (map[string]string, error)
	// Missing returns those of the event ids (of label events and of changes of
	// labels) that the database does not hold.
	Missing(ctx context.Context, ids []string) ([]string, error)
	// EnsureViews makes the views of sessions that have none yet and returns
	// notes for people about names it had to leave alone.
	EnsureViews(ctx context.Context) ([]ViewNote, error)

	// Rebuild recomputes everything derived from the log and its catalogue,
	// session by session, beside writers. With dryRun nothing is written: it is
	// the comparison that verify makes. At most limit differences are returned,
	// all are counted.
	Rebuild(ctx context.Context, opt RebuildOptions) (RebuildResult, error)
	// Export calls yield for each row of the log in the order of timestamp_unix
	// and event_id, until it returns an error.
	Export(ctx context.Context, f ExportFilter, yield func(LogRow) error) error

	// The rest serves pages.
	Active(ctx context.Context) ([]ActiveCount, error)
	Recent(ctx context.Context, limit int) ([]LogRow, error)
	SessionList(ctx context.Context) ([]SessionInfo, error)
	Totals(ctx context.Context) (Totals, error)
	People

	Lookups
	Catalogue

	Reconciliation

	Close() error
}

// Server is a database server that answers. Another name than before, or a shorter
// time, mean that it is another or was started anew: it may lack what the one
// before had taken.
type Server struct {
	Name string        // "" = there is none that could be another
	Up   time.Duration // for how long it has been running, to the second
}

// ViewNote tells of a session whose view could not have the name it wanted.
type ViewNote struct{ Session, View, Note string }

// RebuildOptions narrows a rebuild.
type RebuildOptions struct {
	DryRun   bool
	Limit    int                             // differences returned; 0 = 20
	Sessions []string                        // none = all
	Progress func(session string, leads int) // may be nil
}

// RebuildResult counts what was looked at and what differed.
type RebuildResult struct {
	Sessions, Leads, Events, Spans int
	Differences                    int
	First                          []Difference
}

// Difference is one place where what is stored is not what the log says.
type Difference struct {
	Table string `json:"table"`
	Key   string `json:"key"`
	Have  string `json:"have"` // "" = missing
	Want  string `json:"want"` // "" = should not be there
}

// ExportFilter narrows an export; zero values mean everything.
type ExportFilter struct {
	Session      string
	Since, Until int64 // timestamp_unix in [Since, Until)
}

// LogRow is a row of label_events as people see it.
type LogRow struct {
	EventID      string `json:"event_id"`
	At           int64  `json:"timestamp_unix"`
	Client       string `json:"klien"`
	CS           string `json:"nomor_cs"`
	Lead         string `json:"nomor_lead"`
	LabelID      string `json:"label_id"`
	LabelName    string `json:"label_name"`
	Status       string `json:"status"`
	Session      string `json:"session"`
	ChatID       string `json:"chat_id"`
	Source       string `json:"source"`
	NotBefore    *int64 `json:"not_before"`
	StartUnknown bool   `json:"start_unknown"`
	ReceivedAt   int64  `json:"received_at"`
}

// ActiveCount is how many leads of a client carry a label now.
type ActiveCount struct {
	Client, LabelName string
	Leads             int
}

// SessionInfo is a session as pages and doctor show it.
type SessionInfo struct {
	Session, Client, CSName, Number string
	Zone                            string
	View, ViewNote                  string
	Status                          string
	StatusAt                        int64
}

// Totals are the sizes of the main tables.
type Totals struct{ Events, Spans, Active int64 }

// Retry is how Record meets conflicts with other writers.
type Retry struct {
	Attempts int           // 0 = 10
	Base     time.Duration // 0 = 5 ms, doubled each time, with jitter
}
