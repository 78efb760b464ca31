package inbox

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
)

// shoutEvery is how often a trouble that lasts is logged.
const shoutEvery = 10 * time.Second

// trouble remembers that the file cannot be written, and says so loudly: at
// once, then now and then, then when it is over.
type trouble struct {
	log  *slog.Logger
	path string

	mu     sync.Mutex
	err    error // nil: the last transaction was committed
	since  time.Time
	shout  time.Time
	silent int // failures since the last shout
	lastOK time.Time
}

// after is told how a transaction ended.
func (t *trouble) after(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err == nil {
		t.lastOK = time.Now()
		if t.err != nil {
			t.log.Info("inbox is writing again", "path", t.path, "trouble_lasted", time.Since(t.since).Round(time.Millisecond))
		}
		t.err, t.silent = nil, 0
		return
	}
	if t.err == nil {
		t.since, t.shout = time.Now(), time.Time{}
	}
	t.err = err
	t.silent++
	if time.Since(t.shout) < shoutEvery {
		return
	}
	t.log.Error("inbox cannot write: webhooks are refused with 503, nothing is acknowledged",
		"path", t.path, "failures", t.silent, "full", errors.Is(err, ErrFull), "err", err)
	t.shout, t.silent = time.Now(), 0
}

// healthyFor is how long a committed transaction speaks for the file.
const healthyFor = 2 * time.Second

// Health tells whether events can be accepted durably right now: nil, or an
// error of the classes Put gives. Where no transaction has been committed
// lately it makes one, so that a trouble that is over is noticed even when
// nobody dares to send anything.
func (b *Inbox) Health(ctx context.Context) error {
	t := &b.trouble
	t.mu.Lock()
	fresh := t.err == nil && time.Since(t.lastOK) < healthyFor
	t.mu.Unlock()
	if fresh {
		return nil
	}
	return b.do(ctx, func(w *writer) error {
		if _, err := w.st.mark.ExecContext(bg, "probe", time.Now().Unix()); err != nil {
			return err
		}
		return w.tx.space.check(rowOverhead)
	})
}
