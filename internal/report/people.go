package report

import (
	"context"
	"fmt"

	"tandai/internal/store"
)

// PeopleStore is what the report of people reads. store.People satisfies it.
type PeopleStore interface {
	PeopleCounts(ctx context.Context) ([]store.PeopleCount, error)
	Unresolved(ctx context.Context, limit int) ([]store.Lookup, error)
	ManyPhones(ctx context.Context, limit int) ([]store.Claim, error)
	ManyHidden(ctx context.Context, limit int) ([]store.Claim, error)
}

// People are those who cannot be named for sure. Counts are of all, lists of the
// first PeopleShown.
type People struct {
	Unresolved, GivenUp    int64 // hidden ids without a phone; those among them that are not asked for any more
	Waiting                []store.Lookup
	ManyPhones, ManyHidden int64
	Moved                  []Aliases // hidden ids that were said to be of several phones; the first is the one that counts
	Doubled                []Aliases // phones that have several hidden ids
	Trouble                []Trouble // what is in the way of asking WAHA at this moment, by session
}

// Trouble is why a session's look-ups fail.
type Trouble struct {
	Session string
	Since   int64 // Unix ms
	What    string
}

// Aliases is one id and what else it is known by.
type Aliases struct {
	Session, ID string
	Others      []string
}

// PeopleShown is how many of each kind People lists.
const PeopleShown = 50

func (r *Reports) readPeople(ctx context.Context) (People, error) {
	var p People
	db := r.cfg.Wings.People
	counts, err := db.PeopleCounts(ctx)
	if err != nil {
		return p, fmt.Errorf("people: %w", err)
	}
	for _, c := range counts {
		p.Unresolved += int64(c.Unresolved)
		p.GivenUp += int64(c.GivenUp)
		p.ManyPhones += int64(c.ManyPhones)
		p.ManyHidden += int64(c.ManyHidden)
	}
	if p.Unresolved > 0 {
		if p.Waiting, err = db.Unresolved(ctx, PeopleShown); err != nil {
			return p, fmt.Errorf("people: %w", err)
		}
	}
	if p.ManyPhones > 0 {
		claims, err := db.ManyPhones(ctx, PeopleShown)
		if err != nil {
			return p, fmt.Errorf("people: %w", err)
		}
		p.Moved = aliases(claims, func(c store.Claim) (id, other string) { return c.Hidden, c.Phone })
	}
	if p.ManyHidden > 0 {
		claims, err := db.ManyHidden(ctx, PeopleShown)
		if err != nil {
			return p, fmt.Errorf("people: %w", err)
		}
		p.Doubled = aliases(claims, func(c store.Claim) (id, other string) { return c.Phone, c.Hidden })
	}
	return p, nil
}

// aliases gathers claims by session and id; those of one id follow each other.
func aliases(claims []store.Claim, by func(store.Claim) (id, other string)) []Aliases {
	var all []Aliases
	for _, c := range claims {
		id, other := by(c)
		if n := len(all); n == 0 || all[n-1].Session != c.Session || all[n-1].ID != id {
			all = append(all, Aliases{Session: c.Session, ID: id})
		}
		last := &all[len(all)-1]
		last.Others = append(last.Others, other)
	}
	return all
}
