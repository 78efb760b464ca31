package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"slices"

	"tandai/internal/store"
)

var _ store.Outbox = (*DB)(nil)

// OutboxCounts counts by destination. See store.OutboxReader.
func (db *DB) OutboxCounts(ctx context.Context) ([]store.DestinationCount, error) {
	states, err := db.readDestinations(ctx, db.read)
	if err != nil {
		return nil, db.fault("read destinations", err)
	}
	all := make([]store.DestinationCount, len(states))
	at := map[string]*store.DestinationCount{}
	for i, s := range states {
		all[i].DestinationState = s
		at[s.Name] = &all[i]
	}
	for _, state := range []store.DeliveryState{store.DeliveryWaiting, store.DeliveryDead} {
		err := each(ctx, db.read, db.q["deliveries.counts"], []any{int(state)}, func(r *sql.Rows) error {
			var name string
			var n, oldest, next int64
			if err := r.Scan(&name, &n, &oldest, &next); err != nil {
				return err
			}
			c := at[name]
			switch {
			case c == nil: // made known meanwhile
			case state == store.DeliveryDead:
				c.Dead = n
			default:
				c.Waiting, c.OldestAt, c.NextAt = n, oldest, next
			}
			return nil
		})
		if err != nil {
			return nil, db.fault("count deliveries", err)
		}
	}
	return all, nil
}

// Letters lists deliveries. See store.OutboxReader.
func (db *DB) Letters(ctx context.Context, f store.LetterFilter) ([]store.Letter, error) {
	var all []store.Letter
	scan := func(r *sql.Rows) error {
		var l store.Letter
		err := r.Scan(&l.Seq, &l.Destination, &l.State, &l.Attempts, &l.CreatedAt, &l.NextAt, &l.SettledAt, &l.EventID, &l.Session, &l.Event)
		all = append(all, l)
		return err
	}
	if len(f.Seqs) > 0 {
		for part := range slices.Chunk(f.Seqs, listSize) {
			if err := each(ctx, db.read, list(db.q["deliveries.letters_by_seq"], len(part)), numbers(part), scan); err != nil {
				return nil, db.fault("list deliveries", err)
			}
		}
		slices.SortFunc(all, func(a, b store.Letter) int { return cmp.Compare(a.Seq, b.Seq) })
	} else {
		args := []any{int(f.State), f.Destination, f.Destination, f.After, cmp.Or(f.Limit, 100)}
		if err := each(ctx, db.read, db.q["deliveries.letters"], args, scan); err != nil {
			return nil, db.fault("list deliveries", err)
		}
	}
	return all, db.fault("list attempts", db.lastAttempts(ctx, all))
}

func (db *DB) lastAttempts(ctx context.Context, all []store.Letter) error {
	for part := range slices.Chunk(all, listSize) {
		args := make([]any, len(part))
		at := map[int64]*store.Letter{}
		for i := range part {
			args[i] = part[i].Seq
			at[part[i].Seq] = &part[i]
		}
		err := each(ctx, db.read, list(db.q["delivery_attempts.last"], len(args)), args, func(r *sql.Rows) error {
			var seq int64
			var a store.Attempt
			err := r.Scan(&seq, &a.N, &a.At, &a.DurationMs, &a.Status, &a.Answer, &a.Error)
			at[seq].Last = &a // the last one of the order stays
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// AttemptsOf lists a delivery's attempts.
func (db *DB) AttemptsOf(ctx context.Context, seq int64) ([]store.Attempt, error) {
	var all []store.Attempt
	err := each(ctx, db.read, db.q["delivery_attempts.of"], []any{seq}, func(r *sql.Rows) error {
		var a store.Attempt
		err := r.Scan(&a.N, &a.At, &a.DurationMs, &a.Status, &a.Answer, &a.Error)
		all = append(all, a)
		return err
	})
	return all, db.fault("list attempts", err)
}

// Redeliver makes deliveries due. See store.Outbox.
func (db *DB) Redeliver(ctx context.Context, f store.LetterFilter, now int64) (int, error) {
	total := 0
	f.Limit = listSize
	for {
		page, err := db.Letters(ctx, f)
		if err != nil {
			return total, err
		}
		var seqs []int64
		for _, l := range page {
			if f.Destination == "" || f.Destination == l.Destination {
				seqs = append(seqs, l.Seq)
			}
		}
		for part := range slices.Chunk(seqs, listSize) {
			err := db.update(ctx, "redeliver", func(tx *sql.Tx) error {
				res, err := tx.ExecContext(ctx, list(db.q["deliveries.redeliver"], len(part)), append([]any{now, now}, numbers(part)...)...)
				if err != nil {
					return err
				}
				n, err := res.RowsAffected()
				total += int(n)
				return err
			})
			if err != nil {
				return total, err
			}
		}
		if len(f.Seqs) > 0 || len(page) < listSize {
			return total, nil
		}
		f.After = page[len(page)-1].Seq
	}
}

// LogRows returns rows of the log by id.
func (db *DB) LogRows(ctx context.Context, ids []string) (map[string]store.LogRow, error) {
	all := map[string]store.LogRow{}
	for part := range slices.Chunk(ids, listSize) {
		args := make([]any, len(part))
		for i, id := range part {
			args[i] = id
		}
		err := each(ctx, db.read, list(db.q["label_events.by_id"], len(part)), args, func(r *sql.Rows) error {
			e, err := scanEvent(r)
			all[e.ID] = store.LogRow{
				EventID: e.ID, At: e.At, Client: e.Client, CS: e.CS, Lead: e.Lead, LabelID: e.LabelID, LabelName: e.LabelName,
				Status: string(e.Status), Session: e.Session, ChatID: e.ChatID, Source: string(e.Source), ReceivedAt: e.ReceivedAt,
			}
			return err
		})
		if err != nil {
			return nil, db.fault("read log", err)
		}
	}
	return all, nil
}
