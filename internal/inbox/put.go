package inbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// Put stores one delivery and returns once it is durable: see the package
// comment. known tells that a delivery with this Key is there already, in
// whatever state, and nothing was stored.
//
// Its errors are of class ErrFull, ErrUnavailable or ErrRefused, or ctx's when
// that ended before the writer had taken the item up. After an error the item
// is not acknowledged, though it may turn out to be known later.
func (b *Inbox) Put(ctx context.Context, it Item) (known bool, err error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	r := b.requests.Get().(*request)
	r.item, r.at, r.op = it, b.now().UnixMilli(), nil
	if r.item.Body == nil {
		r.item.Body = []byte{}
	}
	return b.ask(ctx, r)
}

// ask hands r to the writer and waits for its answer.
func (b *Inbox) ask(ctx context.Context, r *request) (known bool, err error) {
	if err := b.queue.add(r); err != nil {
		return false, err
	}
	select {
	case <-r.done:
	case <-ctx.Done():
		if b.queue.cancel(r) {
			return false, ctx.Err()
		}
		<-r.done // the writer is reading the body: it must stay until it is done
	}
	known, err = r.known, r.err
	r.item, r.op, r.err = Item{}, nil, nil
	b.requests.Put(r)
	return known, err
}

// do runs op inside one of the writer's transactions and returns when that is
// durable. op may run more than once; what it leaves behind must be that of
// the last run.
func (b *Inbox) do(ctx context.Context, op func(*writer) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r := b.requests.Get().(*request)
	r.op = op
	_, err := b.ask(ctx, r)
	return err
}

// size is what an item takes in the file, about.
func (it *Item) size() int64 { return int64(len(it.Body)+len(it.Headers)) + rowOverhead }

// put inserts r's item, unless it is known or there is no room for it.
func (w *writer) put(r *request) error {
	if hook := w.b.hooks.insert; hook != nil {
		if err := hook(&r.item); err != nil {
			return err
		}
	}
	it := &r.item
	if full := w.tx.space.check(w.tx.coming + it.size()); full != nil {
		// What is known is durable already: its sender may stop asking.
		var one int
		err := w.st.known.QueryRowContext(bg, it.Near, it.Key[:]).Scan(&one)
		if errors.Is(err, sql.ErrNoRows) {
			w.b.refusedAt.Store(r.at)
			w.tx.refused = full
			return full
		}
		r.known = err == nil
		return err
	}
	res, err := w.st.insert.ExecContext(bg, it.Near, it.Key[:], r.at, it.At, it.Server, it.Session, it.Event, it.Headers, it.Body)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		r.known = err == nil
		return err
	}
	seq, err := res.LastInsertId()
	if err != nil {
		return err
	}
	w.tx.coming += it.size()
	w.tx.received(r.at, seq)
	if it.Quarantine != "" {
		return w.settleOne(Outcome{Seq: seq, State: Quarantined, Reason: it.Quarantine}, r.at)
	}
	w.tx.arrived = true
	return nil
}

// measure finds out what the file takes and the disk has left, before the
// transaction begins. Where that leaves no room for group, the log is cut back
// to nothing.
func (w *writer) measure(group []*request) error {
	coming := int64(0)
	for _, r := range group {
		coming += r.item.size()
	}
	s, err := w.space()
	if err == nil && s.check(coming) != nil && time.Now().After(w.cutNext) {
		if err = w.cutLog(); err == nil {
			s, err = w.space()
		}
	}
	w.tx.space = s
	return err
}

// cutLog moves the log into the file and truncates it. Where a reader is in the
// way it is not tried again for a second.
func (w *writer) cutLog() error {
	short := fmt.Sprintf("PRAGMA busy_timeout = %d", 20)
	long := fmt.Sprintf("PRAGMA busy_timeout = %d", busyTimeout.Milliseconds())
	if _, err := w.conn.ExecContext(bg, short); err != nil {
		return err
	}
	var busy, log, moved int
	err := w.conn.QueryRowContext(bg, "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &log, &moved)
	if err != nil || busy != 0 {
		w.cutNext = time.Now().Add(time.Second)
	}
	if _, e := w.conn.ExecContext(bg, long); err == nil {
		err = e
	}
	return err
}

func (w *writer) space() (Space, error) {
	s := Space{LimitBytes: w.b.maxBytes}
	var size int64
	s.FreeBytes, size = diskSpace(w.b.dir)
	s.FreeAtLeast = minFree(w.b.minFree, size)
	if s.LimitBytes <= 0 {
		return s, nil // what is used need not be known
	}
	var pages, free, bytes int64
	for _, x := range []struct {
		stmt *sql.Stmt
		to   *int64
	}{{w.st.pageCount, &pages}, {w.st.freePages, &free}, {w.st.pageBytes, &bytes}} {
		if err := x.stmt.QueryRowContext(bg).Scan(x.to); err != nil {
			return s, err
		}
	}
	s.UsedBytes = (pages-free)*bytes + fileSize(w.b.path+"-wal")
	return s, nil
}
