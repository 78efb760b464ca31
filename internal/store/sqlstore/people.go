package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"slices"

	"tandai/internal/store"
)

// PeopleCounts counts, by session, who is not known and who is known twice.
func (db *DB) PeopleCounts(ctx context.Context) ([]store.PeopleCount, error) {
	bySession := map[string]*store.PeopleCount{}
	of := func(session string) *store.PeopleCount {
		if bySession[session] == nil {
			bySession[session] = &store.PeopleCount{Session: session}
		}
		return bySession[session]
	}
	err := each(ctx, db.read, db.q["lid_lookups.counts"], nil, func(r *sql.Rows) error {
		var c store.PeopleCount
		err := r.Scan(&c.Session, &c.Unresolved, &c.GivenUp, &c.SinceAt)
		*of(c.Session) = c
		return err
	})
	if err != nil {
		return nil, db.fault("count people", err)
	}
	for query, field := range map[string]func(*store.PeopleCount) *int{
		"identities.many_phones_counts": func(c *store.PeopleCount) *int { return &c.ManyPhones },
		"identities.many_hidden_counts": func(c *store.PeopleCount) *int { return &c.ManyHidden },
	} {
		err := each(ctx, db.read, db.q[query], nil, func(r *sql.Rows) error {
			var session string
			var n int
			err := r.Scan(&session, &n)
			*field(of(session)) = n
			return err
		})
		if err != nil {
			return nil, db.fault("count people", err)
		}
	}
	var all []store.PeopleCount
	for _, session := range sorted(bySession) {
		all = append(all, *bySession[session])
	}
	return all, nil
}

// Unresolved lists hidden ids without a phone, the oldest first.
func (db *DB) Unresolved(ctx context.Context, limit int) ([]store.Lookup, error) {
	var all []store.Lookup
	err := each(ctx, db.read, db.q["lid_lookups.list"], []any{limit}, scanLookups(&all))
	return all, db.fault("list unresolved people", err)
}

// ManyPhones lists the claims of hidden ids that have more than one.
func (db *DB) ManyPhones(ctx context.Context, limit int) ([]store.Claim, error) {
	return db.claims(ctx, "identities.many_phones", "identities.read", limit, func(store.Claim) bool { return true })
}

// ManyHidden lists the current claims of phones that have more than one.
func (db *DB) ManyHidden(ctx context.Context, limit int) ([]store.Claim, error) {
	return db.claims(ctx, "identities.many_hidden", "identities.of_phones", limit, func(c store.Claim) bool { return c.Current })
}

// claims reads the claims about the ids or phones that a query names, and whether
// each is the one that counts.
func (db *DB) claims(ctx context.Context, about, read string, limit int, keep func(store.Claim) bool) ([]store.Claim, error) {
	k := Keys{}
	err := each(ctx, db.read, db.q[about], []any{limit}, func(r *sql.Rows) error {
		var session, value string
		err := r.Scan(&session, &value)
		k[session] = append(k[session], value)
		return err
	})
	if err != nil {
		return nil, db.fault("list people", err)
	}
	var all []store.Claim
	hidden := set{}
	err = db.eachKey(ctx, db.read, read, k, func(r *sql.Rows) error {
		var c store.Claim
		err := r.Scan(&c.Session, &c.Hidden, &c.Phone, &c.FirstAt, &c.LastAt)
		all = append(all, c)
		hidden.add(c.Session, c.Hidden)
		return err
	})
	if err != nil {
		return nil, db.fault("list people", err)
	}
	claims, err := newWork(db, nil).readClaims(ctx, db.read, hidden.keys())
	if err != nil {
		return nil, db.fault("list people", err)
	}
	ids := resolve(claims)
	for i, c := range all {
		all[i].Current = ids[c.Session][c.Hidden] == c.Phone
	}
	all = slices.DeleteFunc(all, func(c store.Claim) bool { return !keep(c) })
	slices.SortFunc(all, func(a, b store.Claim) int {
		byID := cmp.Compare(a.Hidden, b.Hidden)
		if read == "identities.of_phones" {
			byID = cmp.Compare(a.Phone, b.Phone)
		}
		return cmp.Or(cmp.Compare(a.Session, b.Session), byID, cmp.Compare(b.LastAt, a.LastAt), cmp.Compare(b.Phone, a.Phone), cmp.Compare(a.Hidden, b.Hidden))
	})
	return all, nil
}
