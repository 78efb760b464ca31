package store

import "context"

// Outbound is something to be sent to one or more destinations: a delivery of
// WAHA's as the inbox keeps it, or an effect that no delivery carries.
//
// ID says what it is: a second Outbound of the same ID, from a recording done
// again, a heal, a replay or another server, is not sent to a destination that
// has it already, in whatever state.
type Outbound struct {
	ID      string // 64 hex digits: the event id
	Session string // for people
	Event   string // "label.chat.added"
	At      int64  // the envelope's timestamp, Unix ms; 0 where there was none
	Body    []byte
	// Headers are request headers: those that WAHA sent, or for effects more. They
	// are stored in clear.
	Headers      map[string]string
	Destinations []string // by name; for effects with a URL of their own, one
	URL          string   // where to, of an effect whose destination is not configured; never trusted

	ReceivedAt int64 // when it came in, Unix ms
	// Again: its delivery was dealt with before, so that this is a heal or a
	// replay. It goes only to destinations that were there when it came in.
	Again bool
}

// DeliveryState says what has become of one delivery.
type DeliveryState int

const (
	DeliveryWaiting DeliveryState = 0 // to be tried, or tried again
	DeliveryDone    DeliveryState = 1 // the destination answered 2xx
	DeliveryDead    DeliveryState = 2 // given up: a dead letter
)

// Claimed is a delivery that one server may try until its lease ends.
type Claimed struct {
	Seq         int64
	Destination string
	ID          string // of the Outbound
	Session     string
	Event       string
	At          int64 // the envelope's timestamp, Unix ms; 0 where there was none
	CreatedAt   int64 // Unix ms
	URL         string
	Headers     map[string]string
	Body        []byte
	Attempts    int   // made so far
	LeaseUntil  int64 // Unix ms
}

// Attempt is one try of a delivery.
type Attempt struct {
	N          int    `json:"n"` // from 1; again from 1 after a redelivery
	At         int64  `json:"at"`
	DurationMs int64  `json:"duration_ms"`
	Status     int    `json:"status"` // of the answer; 0 = none came
	Answer     string `json:"answer"` // its first 512 bytes, as text
	Error      string `json:"error"`  // why it failed, "" for 2xx
}

// DeliveryResult is what became of a claimed delivery.
type DeliveryResult struct {
	Seq     int64
	State   DeliveryState
	NextAt  int64    // of one that is still waiting: when to try again, Unix ms
	Attempt *Attempt // nil: it was given back untried
}

// Want asks for deliveries of one destination that are due.
type Want struct {
	Destination string
	Limit       int
	Bytes       int64 // of bodies in all; one is given however large
}

// Turn is one round of a server that delivers: what became of what it had, and
// what it wants next.
type Turn struct {
	Owner      string // who claims, at most 64 characters
	Now        int64  // Unix ms
	LeaseUntil int64  // Unix ms
	Results    []DeliveryResult
	Wants      []Want
	Breakers   []DestinationState // that opened, closed or failed a probe, by Name
}

// DestinationState is what is shared of a destination between servers.
type DestinationState struct {
	Name  string
	URL   bool  // not configured: made by an effect with a URL of its own
	Since int64 // when it was first seen, Unix ms

	// OpenedAt is when its breaker opened, 0 while it is closed; until OpenUntil
	// nothing is tried, then one probe. Probes have failed so often since.
	OpenedAt, OpenUntil int64
	Probes              int
	LastError           string // that opened it
}

// DestinationCount is how much is in the outbox for a destination.
type DestinationCount struct {
	DestinationState
	Waiting  int64
	OldestAt int64 // when the oldest that waits came to the outbox, Unix ms; 0 = none
	NextAt   int64 // when the first is due, Unix ms; 0 = none
	Dead     int64
}

// LetterFilter chooses deliveries; zero values mean every.
type LetterFilter struct {
	Destination string
	State       DeliveryState
	Seqs        []int64
	After       int64 // Seq above this, to page by
	Limit       int   // 0 = 100
}

// Letter is a delivery as people see it.
type Letter struct {
	Seq         int64         `json:"seq"`
	Destination string        `json:"destination"`
	EventID     string        `json:"event_id"`
	Session     string        `json:"session"`
	Event       string        `json:"event"`
	State       DeliveryState `json:"state"`
	Attempts    int           `json:"attempts"`
	CreatedAt   int64         `json:"created_at"`
	NextAt      int64         `json:"next_at"`    // of one that waits
	SettledAt   int64         `json:"settled_at"` // 0 while it waits
	Last        *Attempt      `json:"last_attempt"`
}

// Outbox is the part of the database from which effects leave. Record writes to
// it what its inputs carry as Outbound, in the transaction of the log.
//
// Delivery is at least once: a lease that ends before its result is known lets
// another server try again.
type Outbox interface {
	// Destinations makes known the configured destinations that are new, and
	// returns all that ever were.
	Destinations(ctx context.Context, configured []string, now int64) ([]DestinationState, error)
	// Enqueue writes effects that no recording carries. It is durable when it
	// returns nil; ids that are known change nothing.
	Enqueue(ctx context.Context, out []Outbound, now int64) error
	// Turn writes results and breakers and claims what is due, in one transaction. Of two
	// servers only one gets a delivery. It is idempotent but for the claims.
	Turn(ctx context.Context, t Turn) ([]Claimed, error)
	// ReleaseClaims gives back what owners of that prefix have claimed, but for
	// those of except.
	ReleaseClaims(ctx context.Context, prefix, except string) (int, error)
	// TakeProbe lets one server probe a destination whose breaker is open and
	// due; it is not due again before until.
	TakeProbe(ctx context.Context, name string, now, until int64) (bool, error)
	// LogRows returns the rows of the log that have these event ids, by id.
	LogRows(ctx context.Context, ids []string) (map[string]LogRow, error)
	// PruneOutbox removes what was made before a time and is done or dead for
	// every destination, up to limit payloads; it returns how many.
	PruneOutbox(ctx context.Context, before int64, limit int) (int, error)

	OutboxReader
	// Redeliver makes deliveries due now, as if they had never been tried; their
	// earlier attempts are kept. Only those that wait or are dead. It returns
	// how many.
	Redeliver(ctx context.Context, f LetterFilter, now int64) (int, error)
	// DropDeliveries removes what waits or is dead for a destination, with its
	// attempts. It returns how many.
	DropDeliveries(ctx context.Context, destination string) (int, error)
}

// OutboxReader is what pages and commands read of the outbox.
type OutboxReader interface {
	// OutboxCounts counts by destination, in the order of their names.
	OutboxCounts(ctx context.Context) ([]DestinationCount, error)
	// Letters lists deliveries by Seq.
	Letters(ctx context.Context, f LetterFilter) ([]Letter, error)
	// AttemptsOf lists a delivery's attempts, oldest first.
	AttemptsOf(ctx context.Context, seq int64) ([]Attempt, error)
}

// OnlyOutbound reports whether an input adds nothing to what is known.
func (i Input) OnlyOutbound() bool { return i.Outbound != nil && i.Session == "" }
