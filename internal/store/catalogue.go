package store

import "context"

// LabelState is what is known of one label of a session now. Times are Unix ms.
type LabelState struct {
	LabelID   string
	Name      string // of its current version; "" = it has none: unknown, or deleted
	Color     int    // label.NoColor where it was never said
	From      int64  // when that version began
	DeletedAt int64  // its last deletion; 0 = never
	Note      *LabelNote
	// AddedAt is when a webhook last put it on a chat; read only where Note says
	// that it was missing.
	AddedAt int64
}

// LabelNote is what one read of WAHA's labels said against what is known.
type LabelNote struct {
	LabelID string
	Missing bool // it was not in the list
	Name    string
	Color   int
	At      int64 // when that was asked for, Unix ms
}

// Catalogue is what a reader of WAHA's labels needs.
type Catalogue interface {
	// LabelStates returns the labels of a session that have a version, a deletion or
	// a note, by id.
	LabelStates(ctx context.Context, session string) ([]LabelState, error)
	// NoteLabels keeps notes and drops those of other labels.
	NoteLabels(ctx context.Context, session string, keep []LabelNote, drop []string) error
}
