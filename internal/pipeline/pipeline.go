// Package pipeline takes deliveries from the inbox to the store: claim → decode
// → filter → identify → map → record → settle.
//
// It runs on its own goroutines, one pipeline a process. A delivery leaves it as
// exactly one of recorded (done), skipped with a counted reason, or quarantined
// with a sentence; until then it waits in the inbox, however often the process
// dies. Recording is idempotent, so doing a batch twice is harmless; the order of
// batches does not matter, because state is a fold of the log.
package pipeline

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"log/slog"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"tandai/internal/inbox"
	"tandai/internal/store"
)

// Inbox is the durable queue as the pipeline needs it.
type Inbox interface {
	Claim(ctx context.Context, limit int) ([]inbox.Delivery, error)
	Release(seqs ...int64)
	Ready() <-chan struct{}
	Settle(ctx context.Context, outcomes []inbox.Outcome) error
	Range(ctx context.Context, f inbox.Filter, after int64, limit int) ([]inbox.Delivery, int64, error)
	RecordedWithin(ctx context.Context, d time.Duration, limit int) iter.Seq2[[]inbox.Delivery, error]
	Doubt(ctx context.Context, d time.Duration) error
	Trust(ctx context.Context) error
	Stats(ctx context.Context) (inbox.Stats, error)
}

// Store is the database as the pipeline needs it.
type Store interface {
	Record(ctx context.Context, in []store.Input) (store.Recorded, error)
	Phones(ctx context.Context, session string, hidden []string) (map[string]string, error)
	Missing(ctx context.Context, ids []string) ([]string, error)
	EnsureViews(ctx context.Context) ([]store.ViewNote, error)
}

// Config makes a Pipeline.
type Config struct {
	Inbox Inbox
	Store Store
	// Ignored tells whether a phone is on the ignore list of the session's
	// client (staff and test numbers). nil = nobody is.
	Ignored func(session, phone string) bool
	// HasIgnored tells whether the session's client has such a list at all.
	HasIgnored func(session string) bool
	// Relay says what is sent on. nil = nothing is.
	Relay *Relay
	// Observe is told of every batch once its recording is durable, and must not
	// block. nil = nobody is told.
	Observe func(Observed)
	Batch   int // deliveries in one transaction; 0 = 4000
	Now     func() time.Time
	Log     *slog.Logger
	Metrics *Metrics // nil = not measured

	// How long to wait for a database that is away: from Wait, doubled up to
	// MaxWait. 0 = 200 ms and 10 s.
	Wait, MaxWait time.Duration
	// RecordTimeout bounds one transaction; 0 = 2 min.
	RecordTimeout time.Duration
	// StopTimeout bounds what is left of it once Run is told to end: a database
	// that hangs must not hold up a shutdown. 0 = 10 s.
	StopTimeout time.Duration
}

// Pipeline drains one inbox into one store.
type Pipeline struct {
	cfg    Config
	health health
	views  views
	doubt  doubt

	batchStuck atomic.Bool // a batch waits to be tried again
}

// New makes a pipeline; Run starts it.
func New(cfg Config) *Pipeline {
	cfg.Batch = cmp.Or(cfg.Batch, 4000)
	cfg.Wait = cmp.Or(cfg.Wait, 200*time.Millisecond)
	cfg.MaxWait = cmp.Or(cfg.MaxWait, 10*time.Second)
	cfg.RecordTimeout = cmp.Or(cfg.RecordTimeout, 2*time.Minute)
	cfg.StopTimeout = cmp.Or(cfg.StopTimeout, 10*time.Second)
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Ignored == nil || cfg.HasIgnored == nil {
		cfg.Ignored = func(string, string) bool { return false }
		cfg.HasIgnored = func(string) bool { return false }
	}
	if cfg.Metrics == nil {
		cfg.Metrics = NewMetrics(nil)
	}
	p := &Pipeline{
		cfg:   cfg,
		views: views{wake: make(chan struct{}, 1)},
	}
	p.health.set(true, cfg.Now(), nil)
	p.doubt.raised.Store(1) // nobody knows what happened before
	return p
}

// pollEvery is how often the inbox is asked though nothing was announced:
// another process may have put something there.
const pollEvery = time.Second

// Run drains the inbox until ctx ends; then it finishes the batch in hand and
// returns nil. Errors of inbox and store are retried and logged, never returned.
func (p *Pipeline) Run(ctx context.Context) error {
	p.viewsDue() // the last run may not have come to them
	p.wakeViewer()
	batches := make(chan batch, 1)  // the next is read while one is recorded …
	recorded := make(chan batch, 1) // … and the inbox is told of the one before
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(batches)
		p.read(ctx, batches)
		return nil
	})
	g.Go(func() error {
		defer close(recorded)
		for b := range batches {
			if p.recordUntilDone(ctx, &b) {
				recorded <- b
			}
		}
		return nil
	})
	g.Go(func() error {
		for b := range recorded {
			p.settleUntilDone(ctx, b)
		}
		return nil
	})
	g.Go(func() error { return p.healer(ctx) })
	g.Go(func() error { return p.viewer(ctx) })
	return g.Wait()
}

// read claims and reads batches until ctx ends.
func (p *Pipeline) read(ctx context.Context, batches chan<- batch) {
	for ctx.Err() == nil {
		claimed, err := p.cfg.Inbox.Claim(ctx, p.cfg.Batch)
		if err != nil && ctx.Err() == nil {
			p.cfg.Log.ErrorContext(ctx, "inbox cannot be read", "err", err)
		}
		if len(claimed) == 0 {
			select {
			case <-ctx.Done():
			case <-p.cfg.Inbox.Ready():
			case <-time.After(pollEvery):
			}
			continue
		}
		batches <- p.decode(claimed)
	}
}

// recordUntilDone records a batch, trying again for as long as the database is
// away. When ctx ends a batch is tried once more at most, and not at all while
// the database is away; then its claims are given back and it returns false.
func (p *Pipeline) recordUntilDone(ctx context.Context, b *batch) bool {
	wait := p.cfg.Wait
	for attempt := 1; ; attempt++ {
		if ctx.Err() != nil && (attempt > 1 || !p.Database().Up) {
			p.cfg.Inbox.Release(b.seqs()...)
			return false
		}
		err := p.recordOnce(ctx, b, attempt)
		p.batchStuck.Store(err != nil)
		if err == nil {
			p.observe(b)
			return true
		}
		p.cfg.Log.ErrorContext(ctx, "batch not recorded, will try again", "deliveries", len(b.items), "attempt", attempt, "wait", wait, "err", err)
		p.cfg.Metrics.retries.Inc()
		wait = p.pause(ctx, wait)
	}
}

// settleUntilDone tells the inbox what became of a recorded batch. When ctx ends
// it is tried once more at most: what the inbox was not told is recorded again
// after the next start, which changes nothing.
func (p *Pipeline) settleUntilDone(ctx context.Context, b batch) {
	wait := p.cfg.Wait
	for attempt := 1; ; attempt++ {
		err := p.tell(ctx, b)
		if err == nil {
			return
		}
		if ctx.Err() != nil {
			p.cfg.Inbox.Release(b.seqs()...)
			return
		}
		p.cfg.Log.ErrorContext(ctx, "inbox not told of a recorded batch, will try again", "deliveries", len(b.items), "attempt", attempt, "wait", wait, "err", err)
		p.cfg.Metrics.retries.Inc()
		wait = p.pause(ctx, wait)
	}
}

// pause waits and says how long to wait the next time.
func (p *Pipeline) pause(ctx context.Context, wait time.Duration) time.Duration {
	select {
	case <-ctx.Done():
	case <-time.After(wait):
	}
	return min(2*wait, p.cfg.MaxWait)
}

// process does a batch once, both steps. It returns nil only when the inbox has
// been told.
func (p *Pipeline) process(ctx context.Context, b batch, attempt int) error {
	if err := p.recordOnce(ctx, &b, attempt); err != nil {
		return err
	}
	return p.tell(ctx, b)
}

func (p *Pipeline) recordOnce(ctx context.Context, b *batch, attempt int) error {
	ctx, cancel := p.bounded(ctx)
	defer cancel()
	started := p.cfg.Now()
	err := p.write(ctx, b, attempt)
	if err == nil {
		p.cfg.Metrics.batchSecond.Observe(p.cfg.Now().Sub(started).Seconds())
	}
	return err
}

func (p *Pipeline) tell(ctx context.Context, b batch) error {
	ctx, cancel := p.bounded(ctx)
	defer cancel()
	outcomes := b.outcomes()
	err := p.settle(ctx, outcomes)
	if err == nil {
		p.cfg.Metrics.settled(outcomes)
	}
	return err
}

// bounded is the context of a batch in hand: a shutdown does not cut off its
// transaction, but neither waits for it for ever.
func (p *Pipeline) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	batch, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.cfg.RecordTimeout)
	stop := context.AfterFunc(ctx, func() {
		select {
		case <-batch.Done():
		case <-time.After(p.cfg.StopTimeout):
			cancel()
		}
	})
	return batch, func() { stop(); cancel() }
}

// judge notes what an answer says of the database, and hands the error on. That
// another writer was in the way says nothing.
func (p *Pipeline) judge(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, store.ErrConflict):
	case err == nil:
		if p.health.set(true, p.cfg.Now(), nil) {
			p.cfg.Log.InfoContext(ctx, "database is back")
		}
		p.cfg.Metrics.up.Set(1)
	default:
		if p.health.set(false, p.cfg.Now(), err) {
			p.doubt.raised.Add(1)
			p.cfg.Log.ErrorContext(ctx, "database is away: events are kept in the inbox until it is back", "err", err)
		}
		p.cfg.Metrics.up.Set(0)
	}
	return err
}
