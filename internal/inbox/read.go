package inbox

import (
	"context"
	"iter"
	"math"
	"time"
)

// Range reads bodies that match f with a Seq above after, by Seq: up to limit,
// fewer where they are large. next is what to give as after for the rest; an
// empty page is the end.
func (b *Inbox) Range(ctx context.Context, f Filter, after int64, limit int) (page []Delivery, next int64, err error) {
	return b.scan(ctx, f, after, limit, true)
}

func (b *Inbox) scan(ctx context.Context, f Filter, after int64, limit int, bodies bool) ([]Delivery, int64, error) {
	db := b.reader()
	since, until := f.Since, f.Until
	if since == 0 {
		since = math.MinInt64
	}
	if until == 0 {
		until = math.MaxInt64
	}
	// The minutes say between which seqs to look; a clock that jumped only
	// makes that wider.
	var first, last int64
	err := db.QueryRowContext(ctx, `SELECT coalesce(min(first_seq), 1), coalesce(max(last_seq), 0) FROM minutes
		WHERE minute BETWEEN ? AND ?`, minuteOf(since), minuteOf(until)).Scan(&first, &last)
	if err != nil {
		return nil, 0, classify("read", err)
	}
	body := noBody
	if bodies {
		body = wholeBody
	}
	from, state := fromBodies, `coalesce(s.state, 0)`
	if len(f.States) == 1 && f.States[0] == Quarantined {
		from, state = fromQuarantined, `s.state = 3 AND s.state`
	}
	states := [4]int64{-1, -1, -1, -1}
	for s := range states {
		if f.state(State(s)) {
			states[s] = int64(s)
		}
	}
	p := page{limit: limit}
	err = p.collect(ctx, db, f.session, columns+body+from+`WHERE b.seq > ? AND b.seq <= ? AND b.received_at >= ? AND b.received_at < ?
		AND `+state+` IN (?, ?, ?, ?) ORDER BY b.seq`,
		max(after, first-1), last, since, until, states[0], states[1], states[2], states[3])
	if err != nil {
		return nil, 0, classify("read", err)
	}
	return p.rows, max(after, p.last), nil
}

const (
	selectQuarantined = columns + shortBody + fromQuarantined + `WHERE s.state = 3 ORDER BY s.seq DESC LIMIT ?`

	selectRecorded = columns + wholeBody + ` FROM settled s INDEXED BY settled_stored JOIN bodies b ON b.seq = s.seq
		WHERE s.stored = 1 AND (s.at, s.seq) > (?, ?) AND s.at <= ? ORDER BY s.at, s.seq LIMIT ?`
)

// Quarantined reads the newest bodies in quarantine, newest first, each body
// cut to its first 4096 bytes.
func (b *Inbox) Quarantined(ctx context.Context, limit int) ([]Delivery, error) {
	p := page{limit: limit}
	err := p.collect(ctx, b.reader(), nil, selectQuarantined, limit)
	return p.rows, classify("read", err)
}

// RecordedWithin reads the bodies of which something was recorded within d before
// the newest recording, or since Doubt was called, in order of recording, a page
// of up to limit at a time: a store that lost its last moments may lack them. Now
// plays no part, since the process may have been down for days; and where the
// clock has jumped, "the newest" is both the highest time and the latest one. What
// is recorded while reading is left out.
func (b *Inbox) RecordedWithin(ctx context.Context, d time.Duration, limit int) iter.Seq2[[]Delivery, error] {
	return func(yield func([]Delivery, error) bool) {
		spans, err := lastRecorded(ctx, b.reader(), d)
		if err != nil {
			yield(nil, classify("read", err))
			return
		}
		for _, s := range spans {
			for at, seq := s.from, int64(0); ; {
				p := page{limit: limit}
				err := p.collect(ctx, b.reader(), nil, selectRecorded, at, seq, s.to, limit)
				if err != nil {
					yield(nil, classify("read", err))
					return
				}
				if len(p.rows) == 0 {
					break
				}
				newest := p.rows[len(p.rows)-1]
				at, seq = newest.SettledAt, newest.Seq
				if !yield(p.rows, nil) {
					return
				}
			}
		}
	}
}

type span struct{ from, to int64 } // settled_at in [from, to], Unix ms

// lastRecorded gives the spans of d that end at the newest recordings: one, or
// two that do not touch where the clock has jumped.
func lastRecorded(ctx context.Context, q querier, d time.Duration) ([]span, error) {
	highest, err := number(ctx, q, math.MinInt64, `SELECT max(at) FROM settled INDEXED BY settled_stored WHERE stored = 1`)
	if err != nil || highest == math.MinInt64 {
		return nil, err
	}
	latest, err := number(ctx, q, highest, selectMark, markRecorded)
	if err != nil {
		return nil, err
	}
	ms := d.Milliseconds()
	from, err := number(ctx, q, highest-ms, selectMark, markUnsure)
	if err != nil {
		return nil, err
	}
	spans := []span{{min(from, highest-ms), highest}}
	switch {
	case latest < spans[0].from:
		spans = append([]span{{latest - ms, latest}}, spans...)
	case latest < highest:
		spans[0].from = min(spans[0].from, latest-ms)
	}
	return spans, nil
}
