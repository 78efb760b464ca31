package pipeline

import (
	"context"
	"errors"
	"iter"
	"sync"
	"time"

	"tandai/internal/inbox"
	"tandai/internal/store"
)

// fault says how a call goes wrong: before it did anything, or after it was done
// and the answer got lost. The zero fault is none.
type fault struct{ before, after error }

// faultyStore is a store some of whose calls fail.
type faultyStore struct {
	Store

	mu       sync.Mutex
	records  int                                 // calls of Record so far
	onRecord func(n int, in []store.Input) fault // n counts from 1
	phones   func() error                        // nil: works
	missing  func() error                        // nil: works
	views    func(context.Context) error         // nil: works
	batches  [][]store.Input                     // what Record was given
	did      func(in []store.Input, err error)   // told after each Record
}

func (s *faultyStore) Record(ctx context.Context, in []store.Input) (store.Recorded, error) {
	s.mu.Lock()
	s.records++
	s.batches = append(s.batches, in)
	var f fault
	if s.onRecord != nil {
		f = s.onRecord(s.records, in)
	}
	did := s.did
	s.mu.Unlock()
	if f.before != nil {
		return store.Recorded{}, f.before
	}
	done, err := s.Store.Record(ctx, in)
	if err == nil && f.after != nil {
		done, err = store.Recorded{}, f.after
	}
	if did != nil {
		did(in, err)
	}
	return done, err
}

func (s *faultyStore) Phones(ctx context.Context, session string, hidden []string) (map[string]string, error) {
	if err := s.ask(&s.phones); err != nil {
		return nil, err
	}
	return s.Store.Phones(ctx, session, hidden)
}

func (s *faultyStore) Missing(ctx context.Context, ids []string) ([]string, error) {
	if err := s.ask(&s.missing); err != nil {
		return nil, err
	}
	return s.Store.Missing(ctx, ids)
}

func (s *faultyStore) EnsureViews(ctx context.Context) ([]store.ViewNote, error) {
	s.mu.Lock()
	hook := s.views
	s.mu.Unlock()
	if hook != nil {
		if err := hook(ctx); err != nil {
			return nil, err
		}
	}
	return s.Store.EnsureViews(ctx)
}

func (s *faultyStore) ask(hook *func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if *hook == nil {
		return nil
	}
	return (*hook)()
}

// set changes the faults while a pipeline runs.
func (s *faultyStore) set(change func(*faultyStore)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

func (s *faultyStore) calls() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.records
}

// faultyInbox is an inbox some of whose calls fail. The embedded interface may
// be exchanged between two pipelines.
type faultyInbox struct {
	Inbox

	mu       sync.Mutex
	settles  int
	onSettle func(n int) fault
	claims   int
	onClaim  func(n int) error
	within   func(page int) error // of RecordedWithin, before each page
	released []int64
}

func (b *faultyInbox) Settle(ctx context.Context, outcomes []inbox.Outcome) error {
	b.mu.Lock()
	b.settles++
	var f fault
	if b.onSettle != nil {
		f = b.onSettle(b.settles)
	}
	b.mu.Unlock()
	if f.before != nil {
		return f.before
	}
	if err := b.Inbox.Settle(ctx, outcomes); err != nil {
		return err
	}
	return f.after
}

func (b *faultyInbox) Claim(ctx context.Context, limit int) ([]inbox.Delivery, error) {
	b.mu.Lock()
	b.claims++
	var err error
	if b.onClaim != nil {
		err = b.onClaim(b.claims)
	}
	b.mu.Unlock()
	if err != nil {
		return nil, err
	}
	return b.Inbox.Claim(ctx, limit)
}

func (b *faultyInbox) Release(seqs ...int64) {
	b.mu.Lock()
	b.released = append(b.released, seqs...)
	b.mu.Unlock()
	b.Inbox.Release(seqs...)
}

func (b *faultyInbox) RecordedWithin(ctx context.Context, d time.Duration, limit int) iter.Seq2[[]inbox.Delivery, error] {
	return func(yield func([]inbox.Delivery, error) bool) {
		n := 0
		for page, err := range b.Inbox.RecordedWithin(ctx, d, limit) {
			n++
			b.mu.Lock()
			hook := b.within
			b.mu.Unlock()
			if hook != nil && err == nil {
				if err = hook(n); err != nil {
					yield(nil, err)
					return
				}
			}
			if !yield(page, err) {
				return
			}
		}
	}
}

// What the store answers when it will not, or cannot.
func away() error {
	return &store.Error{Class: store.ErrUnavailable, Code: "2002", Op: "record", Err: errNoRoute}
}
func conflict() error {
	return &store.Error{Class: store.ErrConflict, Code: "1213", Op: "record", Err: errors.New("deadlock")}
}
func refusedBy(code string) error {
	return &store.Error{Class: store.ErrRefused, Code: code, Op: "record", Err: errors.New("violates a rule")}
}

var (
	errNoRoute = errors.New("no route to the database")
	errDisk    = &inbox.Error{Class: inbox.ErrUnavailable, Op: "write", Err: errors.New("input/output error")}
)

// once is a fault at the n-th call alone.
func once(n int, f fault) func(int) fault {
	return func(call int) fault {
		if call == n {
			return f
		}
		return fault{}
	}
}
