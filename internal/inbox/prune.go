package inbox

import (
	"context"
	"time"
)

const (
	// pruneMax bodies are removed in one transaction.
	pruneMax = 250

	// healWindow is how long a recorded body is kept whatever Config.Keep
	// says: it is what a store that lost its last moments is healed from.
	healWindow = time.Hour
)

// selectPrunable leaves alone what waits or is in quarantine, what was
// recorded within the given spans, and the newest body of all, whose seq must
// not be given out twice.
const selectPrunable = `SELECT b.seq FROM bodies b JOIN settled s ON s.seq = b.seq
	WHERE b.seq > ? AND b.seq <= ? AND b.seq < (SELECT max(seq) FROM bodies)
	AND b.received_at < ? AND s.state IN (1, 2)
	AND NOT (s.stored = 1 AND (s.at BETWEEN ? AND ? OR s.at BETWEEN ? AND ?))
	ORDER BY b.seq LIMIT ?`

// Prune removes done and skipped bodies received longer than Config.Keep ago
// and says how many; never one that waits or is in quarantine, and never one
// recorded within an hour of the newest recording. Age is measured against the
// earlier of now and the newest receipt (or refusal for want of room, or a full
// inbox would never have room again), so that a clock that runs ahead while
// nothing comes removes nothing. It works in small transactions between which
// requests get their turn.
//
// With the body goes its key: a duplicate that comes later still is stored and
// recorded again, and there the store's unique event id recognises it.
func (b *Inbox) Prune(ctx context.Context) (pruned int64, err error) {
	defer func() { b.metrics.pruned(pruned) }()
	db := b.reader()
	newest, err := number(ctx, db, 0, `SELECT received_at FROM bodies ORDER BY seq DESC LIMIT 1`)
	if err != nil {
		return 0, classify("prune", err)
	}
	newest = max(newest, b.refusedAt.Load())
	before := min(newest, b.now().UnixMilli()) - b.keep.Milliseconds()
	last, err := number(ctx, db, 0, `SELECT max(last_seq) FROM minutes WHERE minute <= ?`, minuteOf(before))
	if err != nil {
		return 0, classify("prune", err)
	}
	var keep [2]span
	spans, err := lastRecorded(ctx, db, healWindow)
	if err != nil {
		return 0, classify("prune", err)
	}
	keep[0], keep[1] = span{1, 0}, span{1, 0} // empty
	copy(keep[:], spans)
	for after := int64(0); ; {
		seqs, err := numbers(ctx, db, selectPrunable, after, last, before,
			keep[0].from, keep[0].to, keep[1].from, keep[1].to, pruneMax)
		if err != nil {
			return pruned, classify("prune", err)
		}
		if len(seqs) == 0 {
			break
		}
		var n int64
		if err := b.do(ctx, func(w *writer) (err error) {
			n, err = w.remove(seqs)
			return err
		}); err != nil {
			return pruned, err
		}
		pruned += n
		after = seqs[len(seqs)-1]
	}
	return pruned, b.do(ctx, func(w *writer) error {
		_, err := w.conn.ExecContext(bg, `DELETE FROM minutes WHERE minute < ?
			AND last_seq < coalesce((SELECT min(seq) FROM bodies), 0)`, minuteOf(before))
		return err
	})
}

// remove deletes bodies that are still done or skipped.
func (w *writer) remove(seqs []int64) (n int64, err error) {
	for _, seq := range seqs {
		res, err := w.conn.ExecContext(bg, `DELETE FROM settled WHERE seq = ? AND state IN (1, 2)`, seq)
		if err != nil {
			return 0, err
		}
		if gone, err := res.RowsAffected(); err != nil {
			return 0, err
		} else if gone == 0 {
			continue // requeued meanwhile, or removed by another process
		}
		if _, err := w.conn.ExecContext(bg, `DELETE FROM bodies WHERE seq = ?`, seq); err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}
