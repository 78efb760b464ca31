package inbox

import (
	"context"
	"database/sql"
	"errors"
)

const (
	// settleMax outcomes go into one transaction, so that a request that
	// shares it does not wait long.
	settleMax = 1000

	lowWaterEvery = 1000

	// reasonMax bounds what is kept of a reason, in bytes.
	reasonMax = 1024
)

// Settle says what became of claimed bodies, and returns once that is durable.
// It is idempotent, and the last word counts: the numbers in Stats follow a
// body from one state to another. A body that Prune has removed meanwhile is
// passed over. After an error the bodies are still claimed: Settle or Release
// them again. More than a thousand outcomes are several transactions, the
// earlier of which stand where a later one fails.
func (b *Inbox) Settle(ctx context.Context, outcomes []Outcome) error {
	for len(outcomes) > 0 {
		n := min(settleMax, len(outcomes))
		part := outcomes[:n]
		err := b.do(ctx, func(w *writer) error {
			now := b.now().UnixMilli()
			for _, o := range part {
				if err := w.settleOne(o, now); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		b.claims.settled(part)
		outcomes = outcomes[n:]
	}
	return nil
}

// settleOne writes o inside the transaction, at our clock's now.
func (w *writer) settleOne(o Outcome, now int64) error {
	if o.State < Waiting || o.State > Quarantined {
		return &Error{Class: ErrRefused, Op: "settle", Err: errors.New(o.State.String())}
	}
	o.Reason = cut(o.Reason, reasonMax)
	stored := int64(0)
	if o.State == Done || o.Stored {
		stored = 1
	}
	res, err := w.st.settle.ExecContext(bg, o.Seq, int64(o.State), now, o.Reason, stored, o.Seq)
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err != nil {
		return err
	}
	if n == 0 {
		was, ok, err := w.settledAs(o.Seq)
		if err != nil || !ok {
			return err
		}
		if _, err := w.st.settleAnew.ExecContext(bg, int64(o.State), now, o.Reason, stored, o.Seq); err != nil {
			return err
		}
		w.tx.count(was.State, was.Reason, -1)
	} else {
		w.tx.settled++
	}
	w.tx.count(o.State, o.Reason, 1)
	if stored == 1 {
		w.tx.recorded = now
	}
	return nil
}

// settledAs reads what a body is settled as; ok is false when it waits for the
// first time or is gone.
func (w *writer) settledAs(seq int64) (o Outcome, ok bool, err error) {
	o.Seq = seq
	err = w.st.settledAs.QueryRowContext(bg, seq).Scan(&o.State, &o.Reason, &o.Stored)
	if errors.Is(err, sql.ErrNoRows) {
		return o, false, nil
	}
	return o, err == nil, err
}

// Requeue makes bodies that are settled wait again, whichever match f, and
// says how many. They are claimed again, by this process or another. It works
// in small transactions: what one has done stands where a later one fails.
func (b *Inbox) Requeue(ctx context.Context, f Filter) (requeued int64, err error) {
	if len(f.States) == 0 {
		f.States = []State{Done, Skipped, Quarantined}
	}
	for after := int64(0); ; {
		var page []Delivery
		page, after, err = b.scan(ctx, f, after, settleMax, false)
		if err != nil || len(page) == 0 {
			return requeued, err
		}
		n := int64(0)
		if err := b.do(ctx, func(w *writer) (err error) {
			n, err = w.requeue(page, b.now().UnixMilli())
			return err
		}); err != nil {
			return requeued, err
		}
		requeued += n
	}
}

// requeue makes wait again what of page is still settled.
func (w *writer) requeue(page []Delivery, now int64) (n int64, err error) {
	for i := range page {
		was, ok, err := w.settledAs(page[i].Seq)
		if err != nil {
			return 0, err
		}
		if !ok || was.State == Waiting {
			continue
		}
		if err := w.settleOne(Outcome{Seq: page[i].Seq, State: Waiting}, now); err != nil {
			return 0, err
		}
		n++
	}
	w.tx.arrived = w.tx.arrived || n > 0
	return n, nil
}

// Dismiss deals with a quarantined body by hand: it becomes skipped, for
// reason ("dismissed" when empty), and is pruned in its time.
// ErrNotQuarantined when it is not there or not in quarantine.
func (b *Inbox) Dismiss(ctx context.Context, seq int64, reason string) error {
	if reason == "" {
		reason = "dismissed"
	}
	return b.do(ctx, func(w *writer) error {
		was, ok, err := w.settledAs(seq)
		if err != nil {
			return err
		}
		if !ok || was.State != Quarantined {
			return ErrNotQuarantined
		}
		return w.settleOne(Outcome{Seq: seq, State: Skipped, Reason: reason, Stored: was.Stored}, b.now().UnixMilli())
	})
}

// cut shortens s to at most n bytes without splitting a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xc0 == 0x80 {
		n--
	}
	return s[:n]
}
