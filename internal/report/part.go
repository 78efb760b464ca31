package report

import (
	"context"
	"time"
)

// Part is one answer and how far it can be trusted. When the newest read
// failed, Value is that of the last good one.
type Part[T any] struct {
	Value T
	At    int64 // when Value was read, Unix ms; 0 = never, Value means nothing
	Err   error // why the newest read failed; nil = Value is the newest there is
}

// Known reports whether Value was ever read.
func (p Part[T]) Known() bool { return p.At != 0 }

// staleAfter is the age from which a value that was read without error is
// worth a word: what is slow to read is read seldom.
const staleAfter = 10 * time.Second

// Stale reports whether people should be told when Value was read.
func (p Part[T]) Stale(now int64) bool {
	return p.Known() && (p.Err != nil || now-p.At > staleAfter.Milliseconds())
}

const (
	// readTimeout ends a read that nobody waits for any more.
	readTimeout = 30 * time.Second
	// A part takes at most one share in slowShare of the time to read, but is
	// never left longer than longestPause.
	slowShare    = 20
	longestPause = time.Minute
)

// part keeps a Part and reads it again when somebody asks and it is due. Its
// fields are guarded by Reports.mu.
type part[T any] struct {
	Part[T]
	failedAt int64         // the first failure since the last good read, Unix ms; 0 = none
	next     time.Time     // not to be read again before
	running  chan struct{} // closed when the read under way is over; nil = none is
}

// refresh starts a read where one is due and returns what closes when the read
// under way is over; nil where none is. The read goes on when whoever asked
// stops waiting, so that something slow or hung delays nobody but itself.
func refresh[T any](r *Reports, p *part[T], read func(context.Context) (T, error)) <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	began := r.cfg.Now()
	if p.running != nil || began.Before(p.next) {
		return p.running
	}
	over := make(chan struct{})
	p.running = over
	go func() {
		defer close(over)
		ctx, cancel := context.WithTimeout(context.Background(), readTimeout)
		defer cancel()
		value, err := read(ctx)
		r.mu.Lock()
		defer r.mu.Unlock()
		p.running = nil
		took := r.cfg.Now().Sub(began)
		p.next = began.Add(max(r.cfg.Every, min(slowShare*took, longestPause)))
		if err == nil {
			p.Part, p.failedAt = Part[T]{Value: value, At: began.UnixMilli()}, 0
			return
		}
		p.Err = err
		if p.failedAt == 0 {
			p.failedAt = began.UnixMilli()
		}
	}()
	return over
}

// wait waits until the reads are over, or patience is.
func wait(ctx context.Context, reads ...<-chan struct{}) {
	for _, over := range reads {
		if over == nil {
			continue
		}
		select {
		case <-over:
		case <-ctx.Done():
			return
		}
	}
}
