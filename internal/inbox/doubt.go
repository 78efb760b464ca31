package inbox

import (
	"context"
	"math"
	"time"
)

// Doubt notes that the store may have lost what was recorded within d before now's
// newest recording. However much is recorded after it, RecordedWithin begins no
// later than that until Trust is called. It is durable; where there is a doubt
// already, that one stands.
func (b *Inbox) Doubt(ctx context.Context, d time.Duration) error {
	return b.do(ctx, func(w *writer) error {
		if since, err := number(bg, w.conn, math.MinInt64, selectMark, markUnsure); err != nil || since != math.MinInt64 {
			return err
		}
		spans, err := lastRecorded(bg, w.conn, d)
		if err != nil || len(spans) == 0 {
			return err
		}
		_, err = w.st.mark.ExecContext(bg, markUnsure, spans[0].from)
		return err
	})
}

// Trust ends a doubt: what was recorded has been held against the store.
func (b *Inbox) Trust(ctx context.Context) error {
	return b.do(ctx, func(w *writer) error {
		_, err := w.conn.ExecContext(bg, `DELETE FROM marks WHERE name = ?`, markUnsure)
		return err
	})
}
