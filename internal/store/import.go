package store

import (
	"context"

	"tandai/internal/label"
)

// Importing is what copying an existing table into the log, and putting a view
// in its place, needs of the database. *sqlstore.DB has it.
type Importing interface {
	Foreign
	Adopting

	// PlanImport says what Import would do, and writes nothing.
	PlanImport(ctx context.Context, c ImportChunk) (Imported, error)
	// Import writes one chunk in one transaction: the rows that are new, what they
	// say of labels and numbers, the spans that follow, links, problems, and how
	// far the run is. It is idempotent: rows known by their id are left alone.
	//
	// A row that is the same event as a row of another source, by (session,
	// timestamp, person, label, status), is linked to it and not added; a row is
	// linked to at most one other, and a later webhook takes an imported row's
	// place in the same way.
	Import(ctx context.Context, c ImportChunk) (Imported, error)
	// FinishImport marks a run as done, and forgets the problems of earlier runs
	// that the run did not meet again.
	FinishImport(ctx context.Context, run ImportRun) error
	// ImportProblems returns rows that could not be imported, oldest first; limit 0
	// = all.
	ImportProblems(ctx context.Context, session, table string, limit int) ([]ImportProblem, error)
	// LogAt calls yield for each row of a session's log at one of some times (Unix
	// ms), in no order.
	LogAt(ctx context.Context, session string, at []int64, yield func(LogRow) error) error
	// ImportState returns how far a run is, or was when it was cut off.
	ImportState(ctx context.Context, session, table string) (ImportRun, bool, error)
}

// ImportRow is one row of a foreign table, normalised.
type ImportRow struct {
	ID        string // label.ImportID
	At        int64  // Unix ms
	Precision int64  // ms: 1, or 1000 where the row says seconds only
	ChatID    string
	LabelID   string
	Status    label.Status

	// As the row had them, "" where it had none.
	Client, CS, LabelName string
}

// ImportProblem is a row that could not be normalised.
type ImportProblem struct {
	ID      string // label.ImportID
	Row     string // its columns as they stood, JSON
	Reason  string // a sentence
	FoundAt int64  // Unix ms
}

// ImportRun is one copying of one table, and how far it is.
type ImportRun struct {
	Session, Table string
	Source         string // where the table is, without password; "" = in this database
	StartedAt      int64  // Unix ms
	UpdatedAt      int64
	FinishedAt     int64 // 0 = not yet
	Read           int64 // rows read so far
	Imported             // what became of them
}

// ImportChunk is some rows of one run; the run is as it will be before them.
type ImportChunk struct {
	Run      ImportRun
	Rows     []ImportRow
	Problems []ImportProblem
}

// Imported counts what became of rows. Every row read is one of these.
type Imported struct {
	Events   int64 `json:"imported"` // new in the log
	Known    int64 `json:"known"`    // imported or linked by an earlier run
	Linked   int64 `json:"linked"`   // recorded from another source, and linked
	Problems int64 `json:"problems"` // could not be normalised
}

// Add sums up.
func (i *Imported) Add(o Imported) {
	i.Events += o.Events
	i.Known += o.Known
	i.Linked += o.Linked
	i.Problems += o.Problems
}
