package directory

import (
	"context"
	"errors"
	"time"

	"tandai/internal/store"
	"tandai/internal/waha/rest"
)

const (
	second = int64(1000)
	minute = 60 * second
	hour   = 60 * minute
	day    = 24 * hour
)

const (
	// settleTime is how long a session that has just begun to work is left alone:
	// its engine reads the labels from the phone first.
	settleTime = 3 * second
	// soonest is the least time between two reads of the labels for the sake of a name
	// nobody knows; doubled up to latest while reading does not help.
	soonest, latest = 20 * second, 10 * minute
	// refreshEvery is when labels and hidden ids are read again though nothing happened.
	refreshEvery = day
	// bulkEvery is the least time between two reads of all hidden ids that are made
	// because many are unknown. In between they are asked for one by one: WAHA may
	// know more of one than its list says.
	bulkEvery = hour
)

// desk is what a session's look-ups are at. Guarded by Service.mu.
type desk struct {
	busy bool

	labelsDue  int64 // when the labels are to be read; 0 = not
	labelsRead int64 // when they were read last
	fruitless  int   // reads in a row that told nothing new
	again      int   // reads in a row that left something to be confirmed
	bulkDue    int64 // when all hidden ids are to be read; 0 = not
	bulkRead   int64

	trouble *Trouble // nil = the last question was answered
	retryAt int64    // nothing is asked before
}

// Trouble is why a session cannot be asked. Times are Unix ms.
type Trouble struct {
	Kind    string // unreachable, unauthorized, forbidden, not_found, not_working, server_error
	Err     error
	SinceAt int64
	NextAt  int64 // when it is tried again
	Tries   int
}

var kinds = map[string]error{
	"unreachable": rest.ErrUnreachable, "unauthorized": rest.ErrUnauthorized, "forbidden": rest.ErrForbidden,
	"not_found": rest.ErrNotFound, "not_working": rest.ErrNotWorking, "server_error": rest.ErrServer,
}

// kindOf names what is wrong, the same for as long as it is the same; "" for what
// is wrong with one question alone.
func kindOf(err error) string {
	for kind, is := range kinds {
		if errors.Is(err, is) {
			return kind
		}
	}
	return ""
}

// pauseAfter is how long a troubled session is left alone, doubled from 10 s with
// each try. What somebody has to mend, or what comes back with a WORKING, is not
// asked often.
func pauseAfter(kind string, tries int) int64 {
	most := 5 * minute
	switch kind {
	case "unauthorized", "forbidden", "not_working":
		most = 15 * minute
	case "not_found":
		most = 6 * hour // a session that was removed in WAHA
	}
	return min(10*second<<min(tries-1, 20), most)
}

// works notes that WAHA says the session is WORKING.
func (d *desk) works(now int64) {
	d.labelsDue, d.fruitless, d.again = now+settleTime, 0, 0
	if d.bulkRead == 0 || now-d.bulkRead > bulkEvery {
		d.bulkDue = now + settleTime
	}
	if d.trouble != nil {
		d.retryAt = now + settleTime
	}
}

// wantLabels notes that somebody needs a name.
func (d *desk) wantLabels(now int64) {
	at := now
	if d.labelsRead != 0 {
		at = max(now, d.labelsRead+min(soonest<<min(d.fruitless, 20), latest))
	}
	d.readLabelsAt(at)
}

func (d *desk) readLabelsAt(at int64) {
	if d.labelsDue == 0 || at < d.labelsDue {
		d.labelsDue = at
	}
}

func isDue(at, now int64) bool { return at != 0 && at <= now }

// ended notes what became of a round of questions, and logs what is news.
func (s *Service) ended(ctx context.Context, session string, err error) {
	if ctx.Err() != nil {
		return
	}
	now := s.now()
	var dbErr *storeError
	if errors.As(err, &dbErr) {
		s.mu.Lock()
		s.desks[session].retryAt = now + 5*second
		s.mu.Unlock()
		s.cfg.Log.DebugContext(ctx, "look-ups wait for the database", "session", session, "err", err)
		return
	}
	kind := ""
	if err != nil {
		if kind = kindOf(err); kind == "" {
			kind = "server_error"
		}
	}
	s.mu.Lock()
	d := s.desks[session]
	before := d.trouble
	switch {
	case err == nil:
		d.trouble, d.retryAt = nil, 0
	default:
		t := &Trouble{Kind: kind, Err: err, SinceAt: now, Tries: 1}
		if before != nil {
			t.SinceAt, t.Tries = before.SinceAt, before.Tries+1
		}
		t.NextAt = now + pauseAfter(kind, t.Tries)
		d.trouble, d.retryAt = t, t.NextAt
	}
	after := d.trouble
	s.cfg.Metrics.troubled(before, after)
	s.mu.Unlock()
	switch {
	case after == nil && before != nil:
		s.cfg.Log.InfoContext(ctx, "look-ups work again", "session", session, "after", time.Duration(now-before.SinceAt)*time.Millisecond)
	case after != nil && (before == nil || before.Kind != after.Kind):
		s.cfg.Log.WarnContext(ctx, "look-ups do not work, will try again", "session", session, "trouble", kind, "err", err)
	}
}

// storeError tells what the database said from what WAHA said.
type storeError struct{ err error }

func (e *storeError) Error() string { return e.err.Error() }
func (e *storeError) Unwrap() error { return e.err }

func fromStore(err error) error {
	if err == nil {
		return nil
	}
	return &storeError{err}
}

// record writes what was found.
func (s *Service) record(ctx context.Context, in []store.Input) (store.Recorded, error) {
	var sum store.Recorded
	const atOnce = 1000
	for len(in) > 0 {
		part := in[:min(atOnce, len(in))]
		in = in[len(part):]
		done, err := s.cfg.Store.Record(ctx, part)
		if err != nil {
			return sum, fromStore(err)
		}
		sum.Add(done)
	}
	return sum, nil
}
