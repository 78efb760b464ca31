package inbox

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"os"
	"time"
)

var (
	errQueueFull = errors.New("too many requests wait for the disk")
	errCutOff    = errors.New("the file has been cut off while in use: move it aside, do not delete it, and start again")
	errMoved     = errors.New("the file was removed or replaced while in use; what waited in it went with it")
)

// reopenEvery spaces out attempts to open a file that did not open.
const reopenEvery = 200 * time.Millisecond

// bg is the context of the writer's statements: a caller that gives up must
// not interrupt the transaction of the others.
var bg = context.Background()

// writer owns the writing connection. All of it belongs to one goroutine.
type writer struct {
	b    *Inbox
	db   *sql.DB
	conn *sql.Conn
	st   statements
	file os.FileInfo // what was opened, to notice when it is another

	synced bool // all that was in the log when the file was opened is durable
	failed bool // a transaction failed in this process: see syncLog

	openErr error     // why the last attempt to open failed
	openTry time.Time // when that was

	tx      txn
	settled int       // bodies settled since lowWater was last moved
	cutNext time.Time // when the log may next be cut back for want of room
	cutOff  bool      // the file has become smaller than it was: see whole
}

// run serves the queue until it is closed and empty.
func (w *writer) run() {
	defer close(w.b.stopped)
	group := make([]*request, 0, groupMaxRequests)
	var crowd crowd
	for {
		for w.b.queue.empty() {
			<-w.b.queue.wake
		}
		crowd.wait(&w.b.queue)
		var closed bool
		group, closed = w.b.queue.take(group[:0])
		if len(group) > 0 {
			crowd.came(len(group), w.serve(group))
			clear(group)
		} else if closed {
			w.close()
			return
		}
	}
}

// serve commits group in one transaction and answers everyone in it. Where the
// transaction fails for a reason that may lie in one of them, each is tried
// alone, so that one bad item cannot refuse the others. It says how many came
// meanwhile.
func (w *writer) serve(group []*request) (queued int) {
	started := time.Now()
	err := w.attempt(group)
	w.b.metrics.committed(len(group), time.Since(started), err)
	if err != nil && len(group) > 1 && !filesFault(err) {
		for _, r := range group {
			queued = w.serve([]*request{r})
		}
		return queued
	}
	w.b.trouble.after(cmp.Or(err, w.tx.refused))
	queued = w.b.queue.len() // before those who are answered now come back
	for _, r := range group {
		if err != nil {
			r.err = err
		}
		r.done <- struct{}{}
	}
	return queued
}

// attempt is one transaction. After an error nothing of it may be acknowledged.
func (w *writer) attempt(group []*request) (err error) {
	w.tx.reset()
	if err := w.open(); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = w.giveUp(err)
		}
	}()
	if err := w.sync(); err != nil {
		return err
	}
	if err := w.measure(group); err != nil {
		return err
	}
	if _, err := w.st.begin.ExecContext(bg); err != nil {
		return err
	}
	for _, r := range group {
		if err := w.apply(r); err != nil {
			return err
		}
	}
	if err := w.writeTallies(); err != nil {
		return err
	}
	return w.commit()
}

// apply runs one request inside the transaction. The error it returns spoils
// the transaction; one that is the request's own is left in r.err.
func (w *writer) apply(r *request) error {
	r.known, r.err = false, nil
	var err error
	if r.op == nil {
		err = w.put(r)
	} else {
		err = w.runOp(r.op)
	}
	var ours *Error
	switch {
	case err == nil:
	case itemsFault(classify("put", err)), errors.Is(err, ErrNotQuarantined),
		errors.As(err, &ours) && errors.Is(ours.Class, ErrFull) && ours.Code == 0:
		r.err = classify("put", err)
	default:
		return err
	}
	return nil
}

// runOp runs op under a savepoint, so that what it did before failing for its
// own reason is undone and the rest of the transaction stands.
func (w *writer) runOp(op func(*writer) error) error {
	if _, err := w.st.savepoint.ExecContext(bg); err != nil {
		return err
	}
	kept := w.tx.clone()
	opErr := op(w)
	if opErr != nil {
		w.tx = kept
		if _, err := w.st.rollbackTo.ExecContext(bg); err != nil {
			return err
		}
	}
	if _, err := w.st.release.ExecContext(bg); err != nil {
		return err
	}
	return opErr
}

func (w *writer) commit() error {
	if hook := w.b.hooks.beforeCommit; hook != nil {
		if err := hook(); err != nil {
			return err
		}
	}
	if _, err := w.st.commit.ExecContext(bg); err != nil {
		return err
	}
	if hook := w.b.hooks.afterCommit; hook != nil {
		if err := hook(); err != nil {
			return err
		}
	}
	w.tx.committed(w)
	return nil
}

// giveUp undoes the transaction and, unless the connection is certainly still
// good, drops it: the next group opens another, which checkpoints the log
// before anything is accepted.
func (w *writer) giveUp(err error) error {
	w.failed = true
	_, rollbackErr := w.st.rollback.ExecContext(bg)
	if reopens(err) || w.inTransaction(rollbackErr) {
		w.close()
	}
	return classify("write", err)
}

// inTransaction tells whether the connection is still inside a transaction
// after a ROLLBACK that returned err: BEGIN inside one is an error.
func (w *writer) inTransaction(err error) bool {
	if err == nil {
		return false
	}
	// SQLite rolls back by itself after some errors, and then ROLLBACK fails.
	if _, err := w.st.begin.ExecContext(bg); err != nil {
		return true
	}
	_, err = w.st.rollback.ExecContext(bg)
	return err != nil
}

// open makes sure there is a connection to the file that is at the path now.
func (w *writer) open() error {
	if w.conn != nil {
		now, err := os.Stat(w.b.path)
		if err == nil && os.SameFile(now, w.file) {
			return w.whole(now)
		}
		w.close()
		w.b.trouble.after(&Error{Class: ErrUnavailable, Op: "write", Err: errMoved})
	}
	if w.openErr != nil && time.Since(w.openTry) < reopenEvery {
		return w.openErr
	}
	w.openErr = classify("open", w.reopen())
	w.openTry = time.Now()
	if w.openErr != nil {
		w.close()
	}
	return w.openErr
}

// whole refuses a file that somebody has cut off. SQLite would not notice for a
// while: new rows go to its log, and only the next process finds what is missing
// under them. The file never shrinks by our doing, and once it has, it stays
// refused, for a checkpoint may let it grow again over the hole.
func (w *writer) whole(now os.FileInfo) error {
	if now.Size() < w.file.Size() || w.cutOff {
		w.cutOff = true
		return &Error{Class: ErrCorrupt, Op: "write", Err: errCutOff}
	}
	w.file = now
	return nil
}

func (w *writer) reopen() (err error) {
	if hook := w.b.hooks.open; hook != nil {
		if err := hook(); err != nil {
			return err
		}
	}
	if w.db, w.conn, err = openWriter(bg, w.b.path); err != nil {
		return err
	}
	was := w.file
	if w.file, err = os.Stat(w.b.path); err != nil {
		return err
	}
	if err := w.st.prepare(bg, w.conn); err != nil {
		return err
	}
	if was == nil || !os.SameFile(was, w.file) {
		w.cutOff = false
		return w.b.openedFile(w.conn)
	}
	if was.Size() > w.file.Size() || w.cutOff {
		w.cutOff = true
		return &Error{Class: ErrCorrupt, Op: "open", Err: errCutOff}
	}
	return nil
}

// sync makes durable what the log held when the file was opened; until that has
// been done nothing may be acknowledged, or it might be answered as known what
// is not durable.
func (w *writer) sync() error {
	if w.synced {
		return nil
	}
	err := syncLog(bg, w.conn, w.failed)
	w.synced = err == nil
	return err
}

// close drops the connection; SQLite rolls back what was under way.
func (w *writer) close() {
	w.st.close()
	if w.conn != nil {
		w.conn.Close()
	}
	if w.db != nil {
		w.db.Close()
	}
	w.conn, w.db, w.synced = nil, nil, false
}
