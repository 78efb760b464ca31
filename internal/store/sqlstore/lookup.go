package sqlstore

import (
	"context"
	"database/sql"
	"slices"

	"tandai/internal/store"
)

// hide remembers a hidden id that no claim resolves, to be put on the list of
// those to ask about.
func (w *work) hide(session, hidden string, at int64) {
	if w.hidden[session] == nil {
		w.hidden[session] = map[string]int64{}
	}
	if have, ok := w.hidden[session][hidden]; !ok || at < have {
		w.hidden[session][hidden] = at
	}
}

// queueLookups puts the batch's hidden ids on the list of those to ask about,
// where they are not on it yet. The session's lock keeps other writers out.
func (w *work) queueLookups(ctx context.Context, _ []store.Input) error {
	k := Keys{}
	for session, hidden := range w.hidden {
		k[session] = sorted(hidden)
	}
	err := w.db.eachKey(ctx, w.tx, "lid_lookups.seen", k, func(r *sql.Rows) error {
		var session, hidden string
		var seenAt int64
		if err := r.Scan(&session, &hidden, &seenAt); err != nil {
			return err
		}
		if seenAt <= w.hidden[session][hidden] {
			delete(w.hidden[session], hidden)
		}
		return nil
	})
	if err != nil {
		return err
	}
	var write [][]any
	for _, session := range sorted(w.hidden) {
		for _, hidden := range sorted(w.hidden[session]) {
			write = append(write, []any{session, hidden, w.hidden[session][hidden]})
		}
	}
	return w.db.insert(ctx, w.tx, "lid_lookups.insert", write)
}

// DueLookups returns the sessions that have something to ask at now.
func (db *DB) DueLookups(ctx context.Context, now int64) (sessions []string, nextAt int64, err error) {
	if sessions, err = db.names(ctx, "lid_lookups.due_sessions", now, now); err != nil {
		return nil, 0, err
	}
	err = db.read.QueryRowContext(ctx, db.q["lid_lookups.next"], now, now).Scan(&nextAt)
	return sessions, nextAt, db.fault("read look-ups", err)
}

// names reads the first column of a query.
func (db *DB) names(ctx context.Context, query string, args ...any) ([]string, error) {
	var all []string
	err := each(ctx, db.read, db.q[query], args, func(r *sql.Rows) error {
		var n string
		err := r.Scan(&n)
		all = append(all, n)
		return err
	})
	slices.Sort(all)
	return all, db.fault("read look-ups", err)
}

// ClaimLookups takes what is due in a session.
func (db *DB) ClaimLookups(ctx context.Context, c store.LookupClaim) ([]store.Lookup, error) {
	var claimed []store.Lookup
	err := db.update(ctx, "claim look-ups", func(tx *sql.Tx) error {
		claimed = nil
		var due []string
		err := each(ctx, tx, db.q["lid_lookups.due"], []any{c.Session, c.Now, c.Now, c.Limit}, func(r *sql.Rows) error {
			var h string
			err := r.Scan(&h)
			due = append(due, h)
			return err
		})
		if err != nil {
			return err
		}
		// Another asker may have taken some of them since: those are not ours.
		if err := db.execList(ctx, tx, "lid_lookups.claim", []any{c.By, c.Until, c.Session, c.Now, c.Now}, due); err != nil {
			return err
		}
		for part := range slices.Chunk(due, listSize) {
			args := []any{c.Session, c.By, c.Until}
			for _, h := range part {
				args = append(args, h)
			}
			if err := each(ctx, tx, list(db.q["lid_lookups.claimed"], len(part)), args, scanLookups(&claimed)); err != nil {
				return err
			}
		}
		return nil
	})
	return claimed, err
}

func scanLookups(into *[]store.Lookup) func(*sql.Rows) error {
	return func(r *sql.Rows) error {
		var l store.Lookup
		err := r.Scan(&l.Session, &l.Hidden, &l.SeenAt, &l.FirstAskedAt, &l.LastAskedAt, &l.Asked, &l.NextAt, &l.GaveUpAt)
		*into = append(*into, l)
		return err
	}
}

// SettleLookups notes that WAHA did not know.
func (db *DB) SettleLookups(ctx context.Context, answers []store.LookupAnswer) error {
	type alike struct {
		session                   string
		askedAt, nextAt, gaveUpAt int64
	}
	groups := map[alike][]string{}
	var order []alike
	for _, a := range answers {
		k := alike{a.Session, a.AskedAt, a.NextAt, a.GaveUpAt}
		if groups[k] == nil {
			order = append(order, k)
		}
		groups[k] = append(groups[k], a.Hidden)
	}
	return db.update(ctx, "settle look-ups", func(tx *sql.Tx) error {
		for _, k := range order {
			before := []any{k.askedAt, k.askedAt, k.nextAt, k.gaveUpAt, k.session}
			if err := db.execList(ctx, tx, "lid_lookups.settle", before, groups[k]); err != nil {
				return err
			}
		}
		return nil
	})
}

// ReleaseLookups ends an asker's claims in a session, or all of them.
func (db *DB) ReleaseLookups(ctx context.Context, session, by string) error {
	return db.update(ctx, "release look-ups", func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, db.q["lid_lookups.release"], by, session, session)
		return err
	})
}

// RefreshLookups brings the list in step with the log. What is to be written is
// read first, outside a transaction: the log may be long.
func (db *DB) RefreshLookups(ctx context.Context) (added, removed int, err error) {
	var write [][]any
	err = each(ctx, db.read, db.q["lid_lookups.missing"], nil, func(r *sql.Rows) error {
		var session, hidden string
		var at int64
		err := r.Scan(&session, &hidden, &at)
		write = append(write, []any{session, hidden, at})
		return err
	})
	if err != nil {
		return 0, 0, db.fault("refresh look-ups", err)
	}
	gone := set{}
	err = each(ctx, db.read, db.q["lid_lookups.stale"], nil, func(r *sql.Rows) error {
		var session, hidden string
		err := r.Scan(&session, &hidden)
		gone.add(session, hidden)
		removed++
		return err
	})
	if err != nil {
		return 0, 0, db.fault("refresh look-ups", err)
	}
	err = db.update(ctx, "refresh look-ups", func(tx *sql.Tx) error {
		if err := db.insert(ctx, tx, "lid_lookups.insert", write); err != nil {
			return err
		}
		for session, hidden := range gone {
			if err := db.execList(ctx, tx, "lid_lookups.resolved", []any{session}, sorted(hidden)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, 0, err
	}
	return len(write), removed, nil
}

// HiddenSessions are the sessions that know of any hidden id.
func (db *DB) HiddenSessions(ctx context.Context) ([]string, error) {
	return db.names(ctx, "lid_lookups.sessions")
}

// HiddenAmong returns those hidden ids that the session has heard of.
func (db *DB) HiddenAmong(ctx context.Context, session string, hidden []string) (map[string]string, error) {
	known := map[string]string{}
	k := Keys{session: hidden}
	err := db.eachKey(ctx, db.read, "lid_lookups.seen", k, func(r *sql.Rows) error {
		var session, h string
		var at int64
		err := r.Scan(&session, &h, &at)
		known[h] = ""
		return err
	})
	if err != nil {
		return nil, db.fault("read look-ups", err)
	}
	phones, err := db.Phones(ctx, session, hidden)
	for h, phone := range phones {
		known[h] = phone
	}
	return known, err
}
