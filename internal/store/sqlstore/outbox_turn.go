package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"tandai/internal/store"
)

// Turn writes results and claims what is due. See store.Outbox.
func (db *DB) Turn(ctx context.Context, t store.Turn) ([]store.Claimed, error) {
	var due []int64
	for _, w := range t.Wants {
		some, err := db.due(ctx, w, t.Now)
		if err != nil {
			return nil, db.fault("read due deliveries", err)
		}
		due = append(due, some...)
	}
	if len(due) == 0 && len(t.Results) == 0 && len(t.Breakers) == 0 {
		return nil, nil
	}
	var claimed []store.Claimed
	err := db.update(ctx, "deliveries", func(tx *sql.Tx) error {
		if err := db.writeResults(ctx, tx, t); err != nil {
			return err
		}
		for _, b := range t.Breakers {
			if _, err := tx.ExecContext(ctx, db.q["delivery_destinations.breaker"], b.OpenedAt, b.OpenUntil, b.Probes, shorten(b.LastError, 512), b.Name); err != nil {
				return err
			}
		}
		var err error
		claimed, err = db.claim(ctx, tx, t, due)
		return err
	})
	return claimed, err
}

// due reads the candidates of one destination; they are not claimed yet.
func (db *DB) due(ctx context.Context, w store.Want, now int64) ([]int64, error) {
	var seqs []int64
	var bytes int64
	err := each(ctx, db.read, db.q["deliveries.due"], []any{w.Destination, now, now, w.Limit}, func(r *sql.Rows) error {
		var seq, size int64
		if err := r.Scan(&seq, &size); err != nil {
			return err
		}
		if bytes += size; len(seqs) == 0 || w.Bytes == 0 || bytes <= w.Bytes {
			seqs = append(seqs, seq)
		}
		return nil
	})
	return seqs, err
}

func (db *DB) claim(ctx context.Context, tx *sql.Tx, t store.Turn, due []int64) ([]store.Claimed, error) {
	var claimed []store.Claimed
	slices.Sort(due) // two servers take the rows in one order
	for part := range slices.Chunk(due, listSize) {
		seqs := numbers(part)
		res, err := tx.ExecContext(ctx, list(db.q["deliveries.claim"], len(part)), append([]any{t.Owner, t.LeaseUntil, t.Now}, seqs...)...)
		if err != nil {
			return nil, err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			if err != nil {
				return nil, err
			}
			continue
		}
		err = each(ctx, tx, list(db.q["deliveries.claimed"], len(part)), append([]any{t.Owner, t.LeaseUntil}, seqs...), func(r *sql.Rows) error {
			c := store.Claimed{LeaseUntil: t.LeaseUntil}
			var headers string
			err := r.Scan(&c.Seq, &c.Destination, &c.Attempts, &c.CreatedAt, &c.ID, &c.Session, &c.Event, &c.At, &c.URL, &headers, &c.Body)
			if err == nil && headers != "" {
				if err = json.Unmarshal([]byte(headers), &c.Headers); err != nil {
					err = fmt.Errorf("headers of delivery %d: %w", c.Seq, err)
				}
			}
			claimed = append(claimed, c)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return claimed, nil
}

func numbers(seqs []int64) []any {
	args := make([]any, len(seqs))
	for i, s := range seqs {
		args[i] = s
	}
	return args
}

func (db *DB) writeResults(ctx context.Context, tx *sql.Tx, t store.Turn) error {
	results := slices.Clone(t.Results)
	slices.SortFunc(results, func(a, b store.DeliveryResult) int { return int(a.Seq - b.Seq) })
	var done, released []int64
	var attempts [][]any
	var failed *sql.Stmt
	for _, r := range results {
		a := r.Attempt
		if a == nil {
			released = append(released, r.Seq)
			continue
		}
		attempts = append(attempts, []any{r.Seq, a.N, a.At, a.DurationMs, a.Status, shorten(a.Answer, 512), shorten(a.Error, 512)})
		if r.State == store.DeliveryDone {
			done = append(done, r.Seq)
			continue
		}
		if failed == nil {
			var err error
			if failed, err = tx.PrepareContext(ctx, db.q["deliveries.failed"]); err != nil {
				return err
			}
			defer failed.Close()
		}
		var settled any
		if r.State == store.DeliveryDead {
			settled = t.Now
		}
		if _, err := failed.ExecContext(ctx, int(r.State), a.N, r.NextAt, settled, r.Seq, t.Owner); err != nil {
			return err
		}
	}
	for part := range slices.Chunk(done, listSize) {
		if _, err := tx.ExecContext(ctx, list(db.q["deliveries.done"], len(part)), append([]any{t.Now}, numbers(part)...)...); err != nil {
			return err
		}
	}
	for part := range slices.Chunk(released, listSize) {
		if _, err := tx.ExecContext(ctx, list(db.q["deliveries.release"], len(part)), append([]any{t.Owner}, numbers(part)...)...); err != nil {
			return err
		}
	}
	return db.insert(ctx, tx, "delivery_attempts.insert", attempts)
}

// claimsAmong is how many of a destination's deliveries are looked at for claims to
// release. Claims are made in the order of what is due, so that they are among the
// first; one that is not waits until its lease ends. All would be too many to look
// at where much waits.
const claimsAmong = 4000

// ReleaseClaims gives back claims of earlier lives of a server.
func (db *DB) ReleaseClaims(ctx context.Context, prefix, except string) (int, error) {
	states, err := db.readDestinations(ctx, db.read)
	if err != nil {
		return 0, db.fault("read destinations", err)
	}
	var claims []int64
	for _, s := range states {
		err := each(ctx, db.read, db.q["deliveries.first"], []any{s.Name, claimsAmong}, func(r *sql.Rows) error {
			var seq int64
			var owner string
			err := r.Scan(&seq, &owner)
			if strings.HasPrefix(owner, prefix) && owner != except {
				claims = append(claims, seq)
			}
			return err
		})
		if err != nil {
			return 0, db.fault("read claims", err)
		}
	}
	slices.Sort(claims)
	total := 0
	for part := range slices.Chunk(claims, listSize) {
		n := 0
		err := db.update(ctx, "release claims", func(tx *sql.Tx) error {
			res, err := tx.ExecContext(ctx, list(db.q["deliveries.release_all"], len(part)), append([]any{prefix + "%", except}, numbers(part)...)...)
			if err != nil {
				return err
			}
			rows, err := res.RowsAffected()
			n = int(rows)
			return err
		})
		if total += n; err != nil {
			return total, err
		}
	}
	return total, nil
}

// PruneOutbox removes what is old and settled. See store.Outbox.
func (db *DB) PruneOutbox(ctx context.Context, before int64, limit int) (int, error) {
	var payloads []int64
	read := func(query string, args []any, into *[]int64) error {
		return each(ctx, db.read, query, args, func(r *sql.Rows) error {
			var seq int64
			err := r.Scan(&seq)
			*into = append(*into, seq)
			return err
		})
	}
	if err := read(db.q["outbox_payloads.old"], []any{before, before, limit}, &payloads); err != nil {
		return 0, db.fault("read old deliveries", err)
	}
	for part := range slices.Chunk(payloads, 200) {
		var deliveries []int64
		if err := read(list(db.q["deliveries.of_payloads"], len(part)), numbers(part), &deliveries); err != nil {
			return 0, db.fault("read old deliveries", err)
		}
		err := db.update(ctx, "prune outbox", func(tx *sql.Tx) error {
			for some := range slices.Chunk(deliveries, listSize) {
				if _, err := tx.ExecContext(ctx, list(db.q["delivery_attempts.delete"], len(some)), numbers(some)...); err != nil {
					return err
				}
			}
			for _, q := range []string{"deliveries.delete", "outbox_payloads.delete"} {
				if _, err := tx.ExecContext(ctx, list(db.q[q], len(part)), numbers(part)...); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return 0, err
		}
	}
	return len(payloads), nil
}

// DropDeliveries forgets what waits or is dead. See store.Outbox.
func (db *DB) DropDeliveries(ctx context.Context, destination string) (int, error) {
	total := 0
	for _, state := range []store.DeliveryState{store.DeliveryWaiting, store.DeliveryDead} {
		for f := (store.LetterFilter{Destination: destination, State: state, Limit: listSize}); ; {
			page, err := db.Letters(ctx, f)
			if err != nil || len(page) == 0 {
				if err != nil {
					return total, err
				}
				break
			}
			f.After = page[len(page)-1].Seq
			seqs := make([]any, len(page))
			for i := range page {
				seqs[i] = page[i].Seq
			}
			err = db.update(ctx, "drop deliveries", func(tx *sql.Tx) error {
				res, err := tx.ExecContext(ctx, list(db.q["deliveries.drop"], len(seqs)), seqs...)
				if err != nil {
					return err
				}
				n, err := res.RowsAffected()
				if err != nil {
					return err
				}
				total += int(n)
				_, err = tx.ExecContext(ctx, list(db.q["delivery_attempts.delete"], len(seqs)), seqs...)
				return err
			})
			if err != nil {
				return total, err
			}
		}
	}
	return total, nil
}
