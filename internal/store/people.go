package store

import "context"

// Lookup is a hidden id whose phone nobody has told, and how the asking goes.
// Times are Unix ms; 0 = not yet.
type Lookup struct {
	Session, Hidden string // Hidden is digits + "@lid"
	SeenAt          int64  // the earliest event or message of it
	FirstAskedAt    int64
	LastAskedAt     int64
	Asked           int   // how often WAHA answered that it does not know
	NextAt          int64 // not to be asked again before
	GaveUpAt        int64
}

// LookupClaim takes lookups of one session for one asker.
type LookupClaim struct {
	Session string
	By      string // who asks: unique among all servers, at most 64 characters
	Now     int64  // what is due by then
	Until   int64  // when others may take it over, should this one die
	Limit   int
}

// LookupAnswer says that WAHA did not know, and what follows from it.
type LookupAnswer struct {
	Session, Hidden string
	AskedAt         int64
	NextAt          int64 // when to ask again
	GaveUpAt        int64 // 0 = not given up
}

// Lookups is the durable list of hidden ids to ask about. Record puts an id on it
// with the first row that it cannot resolve, and takes it off, in the same
// transaction, with the pair that resolves it. Several servers may share the list.
type Lookups interface {
	// DueLookups returns the sessions that have something to ask at now, and when the
	// next is due after that; 0 = none is.
	DueLookups(ctx context.Context, now int64) (sessions []string, nextAt int64, err error)
	// ClaimLookups takes what is due, longest due first. No two claims that are
	// not yet over have an id in common.
	ClaimLookups(ctx context.Context, c LookupClaim) ([]Lookup, error)
	// SettleLookups notes answers and ends their claims. Ids that became known
	// meanwhile are passed over.
	SettleLookups(ctx context.Context, answers []LookupAnswer) error
	// ReleaseLookups ends the claims of an asker in a session, or with session "" all
	// of them, unasked.
	ReleaseLookups(ctx context.Context, session, by string) error
	// RefreshLookups brings the list in step with the log: what another version of
	// Tandai recorded, or a replay moved. It returns how many were added and taken off.
	RefreshLookups(ctx context.Context) (added, removed int, err error)
	// HiddenSessions are the sessions that know of any hidden id, resolved or not.
	HiddenSessions(ctx context.Context) ([]string, error)
	// HiddenAmong returns those of the hidden ids that the session has heard of, each
	// with the phone it resolves to; "" where to none.
	HiddenAmong(ctx context.Context, session string, hidden []string) (map[string]string, error)
}

// PeopleCount says how far the people of a session are known.
type PeopleCount struct {
	Session    string
	Unresolved int   // hidden ids without a phone, those given up included
	GivenUp    int   // of them
	SinceAt    int64 // the earliest event of one of them, Unix ms; 0 = there is none
	ManyPhones int   // hidden ids that were said to be of several phones
	ManyHidden int   // phones that have several hidden ids now
}

// Claim is one phone a hidden id was said to be of.
type Claim struct {
	Session, Hidden, Phone string
	FirstAt, LastAt        int64 // first and last time it was said, Unix ms
	Current                bool  // it is the one that counts
}

// People is what pages show of who is known and who is not. Lists are cut off at
// limit; counts are not.
type People interface {
	// PeopleCounts has a row for every session that has any of it, by name.
	PeopleCounts(ctx context.Context) ([]PeopleCount, error)
	// Unresolved lists hidden ids without a phone, the oldest first.
	Unresolved(ctx context.Context, limit int) ([]Lookup, error)
	// ManyPhones lists all claims of hidden ids that have more than one, by session
	// and id, the newest claim first. limit is of ids.
	ManyPhones(ctx context.Context, limit int) ([]Claim, error)
	// ManyHidden lists the current claims of phones that have more than one, by
	// session and phone. limit is of phones.
	ManyHidden(ctx context.Context, limit int) ([]Claim, error)
}
