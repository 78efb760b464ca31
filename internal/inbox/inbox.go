package inbox

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// DefaultKeep is how long raw bodies are kept unless configured otherwise.
const DefaultKeep = 30 * 24 * time.Hour

// Config is what Open needs; only Path must be set.
type Config struct {
	Path string // of the file; created with its folder when missing

	// MaxBytes is the size from which Put answers ErrFull: pages in use and
	// the write-ahead log. 0 is no limit.
	MaxBytes int64

	// MinFreeBytes must stay free on the file system, else Put answers
	// ErrFull. 0 is the smaller of 256 MiB and 5 % of the file system;
	// negative is nothing.
	MinFreeBytes int64

	Keep time.Duration    // see Prune; 0 is DefaultKeep
	Now  func() time.Time // stamps receipts and outcomes; nil is time.Now
	Log  *slog.Logger     // nil is slog.Default
}

// Inbox is an open queue. Its methods may be called from any goroutine. It is
// a prometheus.Collector.
type Inbox struct {
	path, dir         string
	maxBytes, minFree int64
	keep              time.Duration
	now               func() time.Time

	queue    queue
	requests sync.Pool // of *request
	stopped  chan struct{}
	closing  sync.Once

	readMu sync.RWMutex
	read   *sql.DB

	low       atomic.Int64 // lowWater: every body up to this seq has a row in settled; may lag
	refusedAt atomic.Int64 // when a Put last found no room, Unix ms
	claims    claims
	ready     chan struct{}
	trouble   trouble
	metrics   *metrics
	hooks     hooks
}

// hooks make the file fail in tests. An error from beforeCommit is a commit
// that did nothing, one from afterCommit a commit that persisted.
type hooks struct {
	open, beforeCommit, afterCommit func() error
	insert                          func(*Item) error
}

// Open opens the file, creates or migrates it, makes durable what a killed
// process left in its log, and looks for damage: thoroughly where the file is
// small, at its ends where it is large. Its errors are ErrCorrupt, ErrReadOnly,
// ErrNotInbox, ErrFull or another ErrUnavailable.
func Open(ctx context.Context, cfg Config) (*Inbox, error) {
	if cfg.Path == "" {
		return nil, errors.New("inbox: no path given")
	}
	path, err := filepath.Abs(cfg.Path)
	if err != nil {
		return nil, err
	}
	if cfg.Keep <= 0 {
		cfg.Keep = DefaultKeep
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	b := &Inbox{
		path: path, dir: filepath.Dir(path),
		maxBytes: cfg.MaxBytes, minFree: cfg.MinFreeBytes, keep: cfg.Keep, now: cfg.Now,
		queue:   newQueue(),
		stopped: make(chan struct{}),
		claims:  claims{out: map[int64]struct{}{}, released: map[int64]struct{}{}},
		ready:   make(chan struct{}, 1),
		trouble: trouble{log: cfg.Log, path: path},
		metrics: newMetrics(),
	}
	b.requests.New = func() any { return &request{done: make(chan struct{}, 1)} }
	w := &writer{b: b}
	if err := w.open(); err != nil {
		return nil, err
	}
	err = checkFile(ctx, b.reader(), path)
	if err == nil {
		// A full disk does not keep what waits from being read; Put finds out.
		if err = w.sync(); err != nil && errors.Is(classOf(sqliteCode(err), err), ErrFull) {
			b.trouble.after(classify("open", err))
			err = nil
		}
	}
	if err != nil {
		w.close()
		b.reader().Close()
		return nil, classify("open", err)
	}
	b.signal()
	go w.run()
	return b, nil
}

// openedFile is called by the writer when it has opened a file it did not have
// open before: readers follow, and claims of another file mean nothing.
func (b *Inbox) openedFile(q querier) error {
	low, err := number(bg, q, 0, selectMark, markLowWater)
	if err != nil {
		return err
	}
	db, err := openReader(b.path)
	if err != nil {
		return err
	}
	b.readMu.Lock()
	old := b.read
	b.read = db
	b.readMu.Unlock()
	if old != nil {
		old.Close()
	}
	b.claims.reset()
	b.low.Store(low)
	return nil
}

func (b *Inbox) reader() *sql.DB {
	b.readMu.RLock()
	defer b.readMu.RUnlock()
	return b.read
}

// Check reads the whole file for damage; ErrCorrupt when it finds some. It
// takes about a second per gigabyte and disturbs nobody.
func (b *Inbox) Check(ctx context.Context) error {
	db, err := openReader(b.path) // without pages in memory that would hide it
	if err != nil {
		return classify("check", err)
	}
	defer db.Close()
	return classify("check", quickCheck(ctx, db))
}

// Close commits what has been accepted for writing, answers it, and closes the
// file. Later calls fail with ErrClosed. It is idempotent.
func (b *Inbox) Close() error {
	var err error
	b.closing.Do(func() {
		// What was settled last is not gone through again on the next start.
		err = b.do(context.Background(), func(w *writer) error {
			w.settled = lowWaterEvery
			return nil
		})
		b.queue.close()
		<-b.stopped
		if e := b.reader().Close(); err == nil {
			err = e
		}
	})
	<-b.stopped
	return err
}
