package store

import "context"

// Adopting puts a session's view in the place of a table, and back.
type Adopting interface {
	// Adoption returns what is known of the table that a session's view took the
	// place of.
	Adoption(ctx context.Context, session string) (Adoption, bool, error)
	// PrepareAdoption notes the adoption, and makes the view under its temporary
	// name, in the place of what stood there before. The view has the collations
	// of the table's columns.
	PrepareAdoption(ctx context.Context, a Adoption, t Table) error
	// TemporaryView is the name of the view that PrepareAdoption makes.
	TemporaryView(a Adoption) string
	// Adopt swaps both names at once. After it the table is under a.Before.
	Adopt(ctx context.Context, a Adoption) error
	// DropPrepared takes the temporary view away.
	DropPrepared(ctx context.Context, a Adoption) error
	// Undo puts the table back under its name, at once, and drops the view.
	Undo(ctx context.Context, a Adoption) error
	// ViewOwner is the session whose view stands under a name, "" when it is no
	// view of ours.
	ViewOwner(ctx context.Context, name string) (string, error)
}

// The states of an Adoption.
const (
	AdoptionPrepared = "prepared" // the swap has not been confirmed
	AdoptionAdopted  = "adopted"
	AdoptionUndone   = "undone"
)

// Adoption is a table whose place a session's view has taken.
type Adoption struct {
	Session   string
	View      string // the table's old name, the view's now
	Before    string // the table's name now
	State     string
	ChangedAt int64 // Unix ms
}

// BeforeSuffix ends the new name of a table that was adopted.
const BeforeSuffix = "_before_tandai"

// TemporarySuffix ends the name of a view that has not been swapped in.
const TemporarySuffix = "_tandai_new"
