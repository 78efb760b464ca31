package inbox

import (
	"context"
	"time"
)

// Stats is the inbox's account of itself. Every body ever received is in
// exactly one of Waiting, Done, Skipped and Quarantined, those that have been
// pruned included: Received is their sum.
type Stats struct {
	Received    int64
	Waiting     int64
	Done        int64
	Quarantined int64
	Skipped     map[string]int64 // by reason

	OldestWaitingAt  int64         // when it was received, Unix ms; 0 when none waits
	OldestWaitingAge time.Duration // 0 when none waits
	LastReceivedAt   int64         // Unix ms; 0 before the first

	// Minutes counts what was received in each of the last 60 minutes of the
	// clock; the last is the running one.
	Minutes [60]int64

	Space Space
}

// SkippedTotal is the sum over all reasons.
func (s *Stats) SkippedTotal() (n int64) {
	for _, x := range s.Skipped {
		n += x
	}
	return n
}

// Stats reads a consistent account. It costs a few look-ups, whatever the
// number of bodies.
func (b *Inbox) Stats(ctx context.Context) (Stats, error) {
	s, err := b.stats(ctx)
	return s, classify("stats", err)
}

func (b *Inbox) stats(ctx context.Context) (Stats, error) {
	s := Stats{Skipped: map[string]int64{}}
	tx, err := b.reader().BeginTx(ctx, nil)
	if err != nil {
		return s, err
	}
	defer tx.Rollback()
	if s.Received, err = number(ctx, tx, 0, `SELECT max(seq) FROM bodies`); err != nil {
		return s, err
	}
	if s.LastReceivedAt, err = number(ctx, tx, 0, `SELECT received_at FROM bodies ORDER BY seq DESC LIMIT 1`); err != nil {
		return s, err
	}
	if err := s.readCounts(ctx, tx); err != nil {
		return s, err
	}
	if err := s.readMinutes(ctx, tx, minuteOf(b.now().UnixMilli())); err != nil {
		return s, err
	}
	if s.Waiting > 0 {
		if err := s.readOldest(ctx, tx, b.low.Load()); err != nil {
			return s, err
		}
		s.OldestWaitingAge = max(0, time.Duration(b.now().UnixMilli()-s.OldestWaitingAt)*time.Millisecond)
	}
	s.Space, err = b.space(ctx, tx)
	return s, err
}

func (s *Stats) readCounts(ctx context.Context, q querier) error {
	rows, err := q.QueryContext(ctx, `SELECT state, reason, n FROM counts WHERE n <> 0`)
	if err != nil {
		return err
	}
	defer rows.Close()
	s.Waiting = s.Received
	for rows.Next() {
		var state State
		var reason string
		var n int64
		if err := rows.Scan(&state, &reason, &n); err != nil {
			return err
		}
		s.Waiting -= n
		switch state {
		case Done:
			s.Done += n
		case Quarantined:
			s.Quarantined += n
		case Skipped:
			s.Skipped[reason] += n
		}
	}
	return rows.Err()
}

func (s *Stats) readMinutes(ctx context.Context, q querier, now int64) error {
	first := now - int64(len(s.Minutes)) + 1
	rows, err := q.QueryContext(ctx, `SELECT minute, n FROM minutes WHERE minute BETWEEN ? AND ?`, first, now)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var minute, n int64
		if err := rows.Scan(&minute, &n); err != nil {
			return err
		}
		s.Minutes[minute-first] = n
	}
	return rows.Err()
}

func (s *Stats) readOldest(ctx context.Context, q querier, low int64) error {
	oldest, err := firstFresh(ctx, q, low)
	if err != nil {
		return err
	}
	oldest, err = number(ctx, q, oldest, `SELECT min(?, seq) FROM settled INDEXED BY settled_again
		WHERE state = 0 ORDER BY seq LIMIT 1`, oldest)
	if err != nil {
		return err
	}
	s.OldestWaitingAt, err = number(ctx, q, 0, `SELECT received_at FROM bodies WHERE seq = ?`, oldest)
	return err
}

func (b *Inbox) space(ctx context.Context, q querier) (Space, error) {
	s := Space{LimitBytes: b.maxBytes}
	var size int64
	s.FreeBytes, size = diskSpace(b.dir)
	s.FreeAtLeast = minFree(b.minFree, size)
	var err error
	s.UsedBytes, err = number(ctx, q, 0, `SELECT (p.page_count - f.freelist_count) * z.page_size
		FROM pragma_page_count p, pragma_freelist_count f, pragma_page_size z`)
	s.UsedBytes += fileSize(b.path + "-wal")
	return s, err
}
