package inbox

import (
	"errors"
	"fmt"
	"strconv"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

var (
	// ErrFull: the size limit is reached, or the disk has no room. Nothing
	// was stored; room comes back through Prune, a higher limit or more disk.
	ErrFull = errors.New("inbox full")

	// ErrUnavailable: nothing could be made durable, for any other reason.
	// ErrReadOnly, ErrCorrupt and ErrClosed are ErrUnavailable too.
	ErrUnavailable = errors.New("inbox unavailable")

	ErrReadOnly = errors.New("inbox file is read-only")
	ErrCorrupt  = errors.New("inbox file is damaged")
	ErrClosed   = errors.New("inbox closed")

	// ErrNotInbox: the file is a database, but not an inbox this program can
	// read: another program's, or one of a newer version.
	ErrNotInbox = errors.New("not an inbox this version can read")

	// ErrRefused: this one item cannot be stored, whatever the file's state.
	ErrRefused = errors.New("item refused by the inbox")

	// ErrNotQuarantined: the body named is not there, or not in quarantine.
	ErrNotQuarantined = errors.New("not in quarantine")
)

// Error is an error of the file with its class. Errors are told by SQLite's
// result code, never by their text.
type Error struct {
	Class error // one of the Err values of this package
	Code  int   // SQLite's extended result code, 0 where it had no part
	Op    string
	Err   error
}

func (e *Error) Error() string {
	s := e.Op + ": " + e.Class.Error()
	if e.Code != 0 {
		s += " (SQLite " + strconv.Itoa(e.Code) + ")"
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Is tells the class; all but ErrFull, ErrRefused and ErrNotInbox are
// ErrUnavailable as well.
func (e *Error) Is(target error) bool {
	if target == e.Class {
		return true
	}
	return target == ErrUnavailable && (e.Class == ErrReadOnly || e.Class == ErrCorrupt || e.Class == ErrClosed)
}

func (e *Error) Unwrap() error { return e.Err }

// classify wraps an error of SQLite's, or of the system's, with its class.
func classify(op string, err error) error {
	var known *Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	code := sqliteCode(err)
	return &Error{Class: classOf(code, err), Code: code, Op: op, Err: err}
}

// sqliteCode gives the extended result code, 0 when err is not SQLite's.
func sqliteCode(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}

func classOf(code int, err error) error {
	if noSpace(err) {
		return ErrFull
	}
	if noWrite(err) {
		return ErrReadOnly
	}
	switch code & 0xff {
	case lib.SQLITE_FULL:
		return ErrFull
	case lib.SQLITE_READONLY, lib.SQLITE_PERM:
		return ErrReadOnly
	case lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB:
		return ErrCorrupt
	case lib.SQLITE_TOOBIG, lib.SQLITE_CONSTRAINT, lib.SQLITE_MISMATCH, lib.SQLITE_RANGE:
		return ErrRefused
	}
	return ErrUnavailable
}

// itemsFault tells errors that undo one statement and say nothing of the file:
// the transaction they happened in is intact and the others go through.
func itemsFault(err error) bool { return errors.Is(err, ErrRefused) }

// filesFault tells errors that every item would meet: trying each one alone
// would only repeat them.
func filesFault(err error) bool {
	switch sqliteCode(err) & 0xff {
	case lib.SQLITE_FULL, lib.SQLITE_READONLY, lib.SQLITE_PERM, lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB,
		lib.SQLITE_IOERR, lib.SQLITE_CANTOPEN, lib.SQLITE_BUSY, lib.SQLITE_LOCKED, lib.SQLITE_PROTOCOL, lib.SQLITE_NOMEM:
		return true
	}
	return errors.Is(err, ErrFull) || errors.Is(err, ErrClosed)
}

// reopens tells whether the connection is given up after err: always, except
// where SQLite leaves it as it was.
func reopens(err error) bool {
	switch sqliteCode(err) & 0xff {
	case lib.SQLITE_FULL, lib.SQLITE_BUSY, lib.SQLITE_LOCKED:
		return false
	}
	return !errors.Is(err, ErrFull)
}

func closedError(op string) error { return &Error{Class: ErrClosed, Op: op} }

func fullError(format string, args ...any) error {
	return &Error{Class: ErrFull, Op: "put", Err: fmt.Errorf(format, args...)}
}
