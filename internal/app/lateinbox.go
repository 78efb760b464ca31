package app

import (
	"context"
	"fmt"
	"iter"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"tandai/internal/inbox"
)

// lateInbox is an inbox that may not be open yet: its file can be damaged or its
// disk full when Tandai starts. Until it is open the door answers 503, which WAHA
// tries again, and nothing is acknowledged.
type lateInbox struct {
	registry prometheus.Registerer
	open     atomic.Pointer[inbox.Inbox]
	trouble  atomic.Pointer[error] // why it could not be opened the last time
	ready    chan struct{}         // never sends: whoever waits for it polls as well
}

func newLateInbox(r prometheus.Registerer) *lateInbox {
	return &lateInbox{registry: r, ready: make(chan struct{})}
}

var errInboxNotOpen = fmt.Errorf("%w: its file is not open yet", inbox.ErrUnavailable)

func (s *Server) openInbox(ctx context.Context) {
	if s.inbox.open.Load() != nil {
		return
	}
	b, err := OpenInbox(ctx, s.cfg, s.log)
	if err != nil {
		s.inbox.trouble.Store(&err)
		s.log.ErrorContext(ctx, "inbox cannot be opened: every webhook is answered 503 until it can; `tandai doctor` explains", "path", InboxPath(s.cfg), "err", err)
		return
	}
	s.inbox.registry.MustRegister(b)
	s.inbox.open.Store(b)
}

// waitOpen calls try every so often until the inbox is open.
func (l *lateInbox) waitOpen(ctx context.Context, every time.Duration, try func()) bool {
	for l.open.Load() == nil {
		select {
		case <-ctx.Done():
			return false
		case <-time.After(every):
			try()
		}
	}
	return true
}

func (l *lateInbox) Put(ctx context.Context, it inbox.Item) (bool, error) {
	if b := l.open.Load(); b != nil {
		return b.Put(ctx, it)
	}
	return false, errInboxNotOpen
}

func (l *lateInbox) Health(ctx context.Context) error {
	if b := l.open.Load(); b != nil {
		return b.Health(ctx)
	}
	if err := l.trouble.Load(); err != nil {
		return *err
	}
	return errInboxNotOpen
}

func (l *lateInbox) Claim(ctx context.Context, limit int) ([]inbox.Delivery, error) {
	if b := l.open.Load(); b != nil {
		return b.Claim(ctx, limit)
	}
	return nil, errInboxNotOpen
}

func (l *lateInbox) Release(seqs ...int64) {
	if b := l.open.Load(); b != nil {
		b.Release(seqs...)
	}
}

func (l *lateInbox) Ready() <-chan struct{} {
	if b := l.open.Load(); b != nil {
		return b.Ready()
	}
	return l.ready
}

func (l *lateInbox) Settle(ctx context.Context, outcomes []inbox.Outcome) error {
	if b := l.open.Load(); b != nil {
		return b.Settle(ctx, outcomes)
	}
	return errInboxNotOpen
}

func (l *lateInbox) Range(ctx context.Context, f inbox.Filter, after int64, limit int) ([]inbox.Delivery, int64, error) {
	if b := l.open.Load(); b != nil {
		return b.Range(ctx, f, after, limit)
	}
	return nil, 0, errInboxNotOpen
}

func (l *lateInbox) RecordedWithin(ctx context.Context, d time.Duration, limit int) iter.Seq2[[]inbox.Delivery, error] {
	if b := l.open.Load(); b != nil {
		return b.RecordedWithin(ctx, d, limit)
	}
	return func(yield func([]inbox.Delivery, error) bool) { yield(nil, errInboxNotOpen) }
}

func (l *lateInbox) Doubt(ctx context.Context, d time.Duration) error {
	if b := l.open.Load(); b != nil {
		return b.Doubt(ctx, d)
	}
	return errInboxNotOpen
}

func (l *lateInbox) Trust(ctx context.Context) error {
	if b := l.open.Load(); b != nil {
		return b.Trust(ctx)
	}
	return errInboxNotOpen
}

func (l *lateInbox) Stats(ctx context.Context) (inbox.Stats, error) {
	if b := l.open.Load(); b != nil {
		return b.Stats(ctx)
	}
	return inbox.Stats{}, errInboxNotOpen
}

func (l *lateInbox) Quarantined(ctx context.Context, limit int) ([]inbox.Delivery, error) {
	if b := l.open.Load(); b != nil {
		return b.Quarantined(ctx, limit)
	}
	return nil, errInboxNotOpen
}

func (l *lateInbox) Prune(ctx context.Context) (int64, error) {
	if b := l.open.Load(); b != nil {
		return b.Prune(ctx)
	}
	return 0, nil
}

func (l *lateInbox) Close() error {
	if b := l.open.Load(); b != nil {
		return b.Close()
	}
	return nil
}
