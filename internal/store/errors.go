package store

import (
	"errors"
	"fmt"
)

// ErrUnavailable: the database is away, full, read-only, misconfigured or not
// yet migrated. It is nobody's event's fault: try again later.
var ErrUnavailable = errors.New("database unavailable")

// ErrConflict: another writer was in the way and the whole transaction was
// rolled back; the same call may succeed at once.
var ErrConflict = errors.New("conflict with another writer")

// ErrRefused: the database answered and will not take this, for a reason that
// may lie in the data.
var ErrRefused = errors.New("refused by the database")

// ErrNoSession: a session was named that nothing is known of.
var ErrNoSession = errors.New("no such session")

// Error is a driver's error with its class, told by number and never by text.
type Error struct {
	Class error  // ErrUnavailable, ErrConflict or ErrRefused
	Code  string // the driver's own number, "1406", "SQLITE_FULL (13)"
	Op    string
	Err   error
}

func (e *Error) Error() string {
	if e.Code == "" {
		return fmt.Sprintf("%s: %v: %v", e.Op, e.Class, e.Err)
	}
	return fmt.Sprintf("%s: %v (%s): %v", e.Op, e.Class, e.Code, e.Err)
}

// Is makes errors.Is(err, ErrUnavailable) and the like work.
func (e *Error) Is(target error) bool { return target == e.Class }

func (e *Error) Unwrap() error { return e.Err }
