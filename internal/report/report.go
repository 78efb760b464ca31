// Package report answers the questions people ask of what Tandai holds, one
// file each. It reads the store and the inbox, never writes, and knows nothing
// of pages: phones are in clear here, times are Unix ms, and masking, language
// and time zone are the reader's work.
//
// An answer is made of parts that are read on their own, so that a database
// that is away takes nothing with it but itself: see Part.
package report

import (
	"context"
	"errors"
	"sync"
	"time"

	"tandai/internal/label"
	"tandai/internal/store"
)

// Store is what reports read of the database. store.Store satisfies it.
type Store interface {
	Active(ctx context.Context) ([]store.ActiveCount, error)
	Recent(ctx context.Context, limit int) ([]store.LogRow, error)
	SessionList(ctx context.Context) ([]store.SessionInfo, error)
	Totals(ctx context.Context) (store.Totals, error)
	SchemaVersion(ctx context.Context) (have, want int64, err error)
	Ping(ctx context.Context) error
	Describe(ctx context.Context) string
}

// Config is what Reports needs. Store and Inbox must be set, the rest may be
// left at its zero value.
type Config struct {
	Store Store
	Inbox Inbox
	Now   func() time.Time // nil = time.Now
	// AwaySince says since when whoever writes to the database has found it
	// away, Unix ms, 0 = it has not. It knows earlier than a page that nobody
	// had open. May be nil.
	AwaySince func() int64
	// Scale is the ladder of grades of a client. nil = DefaultScale for all.
	Scale func(client string) Scale
	// Choice says which labels of a client are reported on. nil = all but WhatsApp's
	// own lists.
	Choice func(client string) label.Choice
	// Wings are the sources of the system page.
	Wings Wings
	// Every is how old a part may be before it is read again; 0 = 1 s. What is
	// slow to read is read so seldom that reading it takes no more than a
	// twentieth of the time.
	Every time.Duration
	// Patience is how long an answer waits for its parts; 0 = 1.5 s. What is not
	// read by then is given as it was.
	Patience time.Duration
}

// Reports answers questions. It is safe for concurrent use; many askers cost
// one read.
type Reports struct {
	cfg Config

	mu       sync.Mutex // guards all parts; never held while reading
	database part[about]
	active   part[[]store.ActiveCount]
	recent   part[[]store.LogRow]
	sessions part[[]store.SessionInfo]
	totals   part[store.Totals]
	queue    part[Queue]
	held     part[[]Held]
	health   part[struct{}]
	wings    wings
}

// errNotYet stands where a first read has not come back.
var errNotYet = errors.New("no answer yet")

// New makes Reports.
func New(cfg Config) *Reports {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Scale == nil {
		cfg.Scale = func(string) Scale { return DefaultScale() }
	}
	if cfg.Choice == nil {
		cfg.Choice = func(string) label.Choice { return label.Choice{} }
	}
	if cfg.Every == 0 {
		cfg.Every = time.Second
	}
	if cfg.Patience == 0 {
		cfg.Patience = 1500 * time.Millisecond
	}
	return &Reports{cfg: cfg}
}
