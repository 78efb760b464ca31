package report

import (
	"context"

	"tandai/internal/store"
)

// TruthStore is what the report of comparisons reads.
type TruthStore interface {
	Repaired(ctx context.Context, session string, since, until int64, limit int) ([]store.LogRow, error)
}

// Truth is what comparing with WAHA came to.
type Truth struct {
	Coverage []Coverage // by session, in the last CoverageDays days
	Repaired []Change   // rows of the log that comparing brought, newest first
	Runs     []Run      // newest first
	Noted    int64      // differences seen once and not yet confirmed

	rows []store.LogRow
}

// CoverageDays is how far back coverage looks.
const CoverageDays = 7

// Coverage is how the changes of one number became known.
type Coverage struct {
	Session                string
	InTime, Late, Repaired int64
	Polled                 bool // its engine sends no label events: comparing is its only source
}

// All is how many changes there were.
func (c Coverage) All() int64 { return c.InTime + c.Late + c.Repaired }

// Run is one read of one session's labels from WAHA.
type Run struct {
	Session, Reason       string
	StartedAt, FinishedAt int64 // Unix ms
	Labels, Chats         int64
	Differences           int64
	Repaired, Open        int64
	Error                 string
}

func (r *Reports) readTruth(ctx context.Context) (Truth, error) { return Truth{}, nil }
