package report_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandai/internal/inbox"
	"tandai/internal/report"
	"tandai/internal/store"
)

var errAway = errors.New("database unavailable")

// fakeStore answers what it is told to, after delay, and counts who asks.
type fakeStore struct {
	mu          sync.Mutex
	err         error
	delay       time.Duration
	have        int64
	active      []store.ActiveCount
	recent      []store.LogRow
	sessions    []store.SessionInfo
	totals      store.Totals
	totalsDelay time.Duration
	asked       map[string]int
}

func (s *fakeStore) ask(ctx context.Context, what string, more time.Duration) error {
	s.mu.Lock()
	if s.asked == nil {
		s.asked = map[string]int{}
	}
	s.asked[what]++
	err, delay := s.err, s.delay+more
	s.mu.Unlock()
	select {
	case <-time.After(delay):
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *fakeStore) set(change func(*fakeStore)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

func (s *fakeStore) count(what string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[what]
}

func (s *fakeStore) Active(ctx context.Context) ([]store.ActiveCount, error) {
	return s.active, s.ask(ctx, "active", 0)
}

func (s *fakeStore) Recent(ctx context.Context, limit int) ([]store.LogRow, error) {
	return s.recent[:min(limit, len(s.recent))], s.ask(ctx, "recent", 0)
}

func (s *fakeStore) SessionList(ctx context.Context) ([]store.SessionInfo, error) {
	return s.sessions, s.ask(ctx, "sessions", 0)
}

func (s *fakeStore) Totals(ctx context.Context) (store.Totals, error) {
	return s.totals, s.ask(ctx, "totals", s.totalsDelay)
}

func (s *fakeStore) SchemaVersion(ctx context.Context) (int64, int64, error) {
	err := s.ask(ctx, "schema", 0)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.have, 3, err
}

func (s *fakeStore) Ping(ctx context.Context) error { return s.ask(ctx, "ping", 0) }

func (s *fakeStore) Describe(context.Context) string { return "SQLite 3.51.0" }

type fakeInbox struct {
	stats  inbox.Stats
	held   []inbox.Delivery
	err    error
	health error
}

func (i *fakeInbox) Stats(context.Context) (inbox.Stats, error) { return i.stats, i.err }
func (i *fakeInbox) Health(context.Context) error               { return i.health }
func (i *fakeInbox) Quarantined(_ context.Context, limit int) ([]inbox.Delivery, error) {
	return i.held[:min(limit, len(i.held))], i.err
}

func TestNow_counts(t *testing.T) {
	now := time.Date(2026, 11, 23, 2, 42, 18, 0, time.UTC)
	minute := func(back int) int64 {
		return now.Truncate(time.Minute).Add(-time.Duration(back) * time.Minute).UnixMilli()
	}
	in := &fakeInbox{stats: inbox.Stats{
		Received: 40, Waiting: 3, Quarantined: 2, OldestWaitingAt: now.UnixMilli() - 9000, LastReceivedAt: now.UnixMilli() - 10,
		Skipped: map[string]int64{"group": 7, "broadcast": 9, "unused_event": 7},
	}}
	in.stats.Minutes[0], in.stats.Minutes[58], in.stats.Minutes[59] = 4, 5, 6
	in.held = []inbox.Delivery{{ReceivedAt: 7, Server: "east", Session: "cs1", Event: "label.chat.added", Reason: "no chat id", Body: []byte("x")}}
	db := &fakeStore{have: 3, totals: store.Totals{Events: 12, Spans: 9, Active: 4}}
	db.active = []store.ActiveCount{
		{Client: "b", LabelName: "Closing", Leads: 2}, {Client: "b", LabelName: "Ongkir", Leads: 1}, {Client: "b", LabelName: "Follow up", Leads: 8},
		{Client: "b", LabelName: "grade b", Leads: 5}, {Client: "b", LabelName: "Grade A", Leads: 3}, {Client: "b", LabelName: "Batal", Leads: 6},
		{Client: "a", LabelName: "Panas", Leads: 1},
	}
	db.recent = []store.LogRow{{Session: "cs1", Client: "a", LabelName: "Panas"}, {Session: "cs9", Client: "b", LabelName: "GRADE E"}}
	db.sessions = []store.SessionInfo{{Session: "cs1", CSName: "CS 1"}}
	scales := func(client string) report.Scale {
		if client == "a" {
			return report.Scale{Grades: []string{"Panas", "Dingin"}}
		}
		return report.DefaultScale()
	}
	r := report.New(report.Config{Store: db, Inbox: in, Now: func() time.Time { return now }, Scale: scales})
	got := r.Now(t.Context())

	if got.Database.State != report.Up || got.Database.Engine != "SQLite 3.51.0" || got.Database.Have != 3 || !got.Accepting.Known() || got.Accepting.Err != nil || got.Empty() {
		t.Errorf("database %+v, accepting %+v, empty %v", got.Database, got.Accepting, got.Empty())
	}
	q := got.Queue.Value
	if q.Waiting != 3 || q.OldestAt != now.UnixMilli()-9000 || q.Quarantined != 2 || q.Received != 40 || q.LastHour() != 15 {
		t.Errorf("queue %+v", q)
	}
	if diff := cmp.Diff([]report.Minute{{minute(59), 4}, {minute(1), 5}, {minute(0), 6}}, []report.Minute{q.Minutes[0], q.Minutes[58], q.Minutes[59]}); diff != "" {
		t.Errorf("minutes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]report.ReasonCount{{"broadcast", 9}, {"group", 7}, {"unused_event", 7}}, q.Skipped); diff != "" {
		t.Errorf("skipped (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]report.Held{{ReceivedAt: 7, Session: "east.cs1", Event: "label.chat.added", Reason: "no chat id"}}, got.Quarantine.Value); diff != "" {
		t.Errorf("quarantine (-want +got):\n%s", diff)
	}
	grade := func(rank, of int, letter string) report.Mark {
		return report.Mark{Kind: report.Grade, Rank: rank, Of: of, Letter: letter}
	}
	wantActive := []report.ClientLabels{
		{Client: "a", Active: 1, Labels: []report.LabelCount{{"Panas", grade(0, 2, "1"), 1}}},
		{Client: "b", Active: 25, Labels: []report.LabelCount{
			{"Grade A", grade(0, 5, "A"), 3}, {"grade b", grade(1, 5, "B"), 5}, {"Closing", report.Mark{Kind: report.Won}, 2},
			{"Batal", report.Mark{Kind: report.Lost}, 6}, {"Follow up", report.Mark{}, 8}, {"Ongkir", report.Mark{}, 1},
		}},
	}
	if diff := cmp.Diff(wantActive, got.Active.Value); diff != "" {
		t.Errorf("active (-want +got):\n%s", diff)
	}
	wantRecent := []report.Change{
		{LogRow: db.recent[0], CSName: "CS 1", Mark: grade(0, 2, "1")}, {LogRow: db.recent[1], Mark: grade(4, 5, "E")},
	}
	if diff := cmp.Diff(wantRecent, got.Recent.Value); diff != "" {
		t.Errorf("recent (-want +got):\n%s", diff)
	}
}

func TestNow_asksForFifty(t *testing.T) {
	db := &fakeStore{have: 3, recent: make([]store.LogRow, 80)}
	in := &fakeInbox{held: make([]inbox.Delivery, 80)}
	got := report.New(report.Config{Store: db, Inbox: in}).Now(t.Context())
	if len(got.Recent.Value) != 50 || len(got.Quarantine.Value) != 50 {
		t.Errorf("%d changes and %d held, want 50 of each", len(got.Recent.Value), len(got.Quarantine.Value))
	}
}

func TestNow_manyViewersCostOneRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := &fakeStore{have: 3, delay: 10 * time.Millisecond}
		r := report.New(report.Config{Store: db, Inbox: &fakeInbox{}})
		var viewers sync.WaitGroup
		for range 100 {
			viewers.Go(func() {
				if !r.Now(t.Context()).Totals.Known() {
					t.Error("a viewer was not given the totals")
				}
			})
		}
		viewers.Wait()
		for range 100 {
			time.Sleep(time.Millisecond)
			r.Now(t.Context())
		}
		for _, what := range []string{"ping", "active", "recent", "sessions", "totals"} {
			if n := db.count(what); n != 1 {
				t.Errorf("%s was read %d times within a second, want once", what, n)
			}
		}
		time.Sleep(time.Second)
		r.Now(t.Context())
		if n := db.count("recent"); n != 2 {
			t.Errorf("recent was read %d times, want again after a second", n)
		}
		if n := db.count("schema"); n != 1 {
			t.Errorf("the schema was asked for %d times while the database stayed up, want once", n)
		}
	})
}

func TestNow_slowPartIsReadSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := &fakeStore{have: 3, totalsDelay: time.Second}
		r := report.New(report.Config{Store: db, Inbox: &fakeInbox{}})
		for range 120 {
			r.Now(t.Context())
			time.Sleep(500 * time.Millisecond)
		}
		if n := db.count("totals"); n < 3 || n > 4 {
			t.Errorf("what takes a second was read %d times in a minute, want 3 or 4", n)
		}
		if n := db.count("recent"); n < 50 {
			t.Errorf("what is quick was read %d times in a minute, want about 60", n)
		}
		time.Sleep(15 * time.Second)
		n := r.Now(t.Context())
		if !n.Totals.Stale(n.At) || n.Totals.Err != nil || n.Recent.Stale(n.At) {
			t.Errorf("totals of %d and changes of %d at %d: want the former to say when they were read", n.Totals.At, n.Recent.At, n.At)
		}
		synctest.Wait()
	})
}

func TestNow_databaseComesAndGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := &fakeStore{err: errAway, totals: store.Totals{Events: 7}}
		in := &fakeInbox{stats: inbox.Stats{Received: 1}}
		r := report.New(report.Config{Store: db, Inbox: in})
		start := time.Now().UnixMilli()

		n := r.Now(t.Context())
		if n.Database.State != report.Away || n.Database.Since != start || !errors.Is(n.Database.Err, errAway) {
			t.Fatalf("at the start: %+v", n.Database)
		}
		if n.Totals.Known() || n.Active.Known() || n.Recent.Known() || n.Sessions.Known() || !errors.Is(n.Totals.Err, errAway) || n.Empty() {
			t.Errorf("parts that were never read look known: %+v", n)
		}
		if !n.Queue.Known() || n.Queue.Err != nil || n.Queue.Value.Received != 1 {
			t.Errorf("the inbox suffers from the database: %+v", n.Queue)
		}
		if db.count("totals") != 0 {
			t.Error("a database that is away was asked for more")
		}

		time.Sleep(2 * time.Second)
		db.set(func(s *fakeStore) { s.err, s.have = nil, 2 })
		n = r.Now(t.Context())
		if n.Database.State != report.Migrating || n.Database.Have != 2 || n.Database.Want != 3 || n.Totals.Known() {
			t.Errorf("with an older schema: %+v, totals %+v", n.Database, n.Totals)
		}

		time.Sleep(2 * time.Second)
		db.set(func(s *fakeStore) { s.have = 3 })
		good := r.Now(t.Context())
		if good.Database.State != report.Up || good.Database.Since != 0 || good.Totals.Value.Events != 7 || good.Totals.Err != nil {
			t.Errorf("after migration: %+v, totals %+v", good.Database, good.Totals)
		}

		time.Sleep(5 * time.Second)
		db.set(func(s *fakeStore) { s.err = errAway })
		gone := time.Now().UnixMilli()
		r.Now(t.Context())
		time.Sleep(20 * time.Second)
		n = r.Now(t.Context())
		if n.Database.State != report.Away || n.Database.Since != gone {
			t.Errorf("away since %d, want %d: %+v", n.Database.Since, gone, n.Database)
		}
		if n.Totals.Value.Events != 7 || n.Totals.At != good.Totals.At || !n.Totals.Stale(n.At) || !errors.Is(n.Totals.Err, errAway) {
			t.Errorf("the last good totals are not kept: %+v", n.Totals)
		}

		db.set(func(s *fakeStore) { s.err = nil })
		time.Sleep(time.Second)
		n = r.Now(t.Context())
		if n.Database.State != report.Up || n.Totals.Err != nil || n.Totals.At != n.At || n.Totals.Stale(n.At) {
			t.Errorf("back again: %+v, totals %+v", n.Database, n.Totals)
		}
	})
}

func TestNow_whoWritesKnowsEarlier(t *testing.T) {
	db := &fakeStore{err: errAway}
	away := int64(1000)
	r := report.New(report.Config{Store: db, Inbox: &fakeInbox{}, AwaySince: func() int64 { return away }})
	if got := r.Now(t.Context()).Database.Since; got != 1000 {
		t.Errorf("away since %d, want 1000", got)
	}
}

func TestNow_oneReadFails(t *testing.T) {
	bad := &failingTotals{fakeStore{have: 3}}
	n := report.New(report.Config{Store: bad, Inbox: &fakeInbox{}}).Now(t.Context())
	if n.Database.State != report.Up || n.Totals.Known() || !errors.Is(n.Totals.Err, errAway) || !n.Recent.Known() {
		t.Errorf("%+v", n)
	}
	if n.Empty() {
		t.Error("a database that cannot be counted is called empty")
	}
}

type failingTotals struct{ fakeStore }

func (f *failingTotals) Totals(context.Context) (store.Totals, error) { return store.Totals{}, errAway }

func TestNow_hungDatabaseKeepsNobodyWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := &fakeStore{have: 3}
		r := report.New(report.Config{Store: db, Inbox: &fakeInbox{}})
		r.Now(t.Context())
		time.Sleep(2 * time.Second)
		db.set(func(s *fakeStore) { s.delay = time.Hour })
		for i := range 5 {
			began := time.Now()
			n := r.Now(t.Context())
			if waited := time.Since(began); waited > 1500*time.Millisecond {
				t.Errorf("view %d waited %s for a database that hangs", i, waited)
			}
			if n.Database.State != report.Away || !n.Totals.Known() || n.Totals.Err == nil {
				t.Errorf("view %d: %+v, totals %+v", i, n.Database, n.Totals)
			}
			time.Sleep(3 * time.Second)
		}
		time.Sleep(readsEnd)
	})
}

func TestNow_hungReadIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := &fakeStore{have: 3, totalsDelay: time.Hour}
		r := report.New(report.Config{Store: db, Inbox: &fakeInbox{}})
		if n := r.Now(t.Context()); n.Totals.Known() || n.Totals.Err != nil || !n.Recent.Known() {
			t.Errorf("while it hangs: %+v", n.Totals)
		}
		time.Sleep(40 * time.Second)
		if n := r.Now(t.Context()); !errors.Is(n.Totals.Err, context.DeadlineExceeded) {
			t.Errorf("after forty seconds: %+v", n.Totals)
		}
		db.set(func(s *fakeStore) { s.totalsDelay = 0 })
		time.Sleep(time.Minute)
		if n := r.Now(t.Context()); !n.Totals.Known() || n.Totals.Err != nil {
			t.Errorf("when it no longer hangs: %+v", n.Totals)
		}
	})
}

// readsEnd is longer than any read may take.
const readsEnd = time.Minute

func TestNow_leavingViewerFailsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := &fakeStore{have: 3, delay: 100 * time.Millisecond}
		r := report.New(report.Config{Store: db, Inbox: &fakeInbox{}})
		gone, leave := context.WithCancel(t.Context())
		leave()
		r.Now(gone)
		n := r.Now(t.Context())
		if n.Database.State != report.Up || !n.Totals.Known() {
			t.Errorf("%+v", n.Database)
		}
	})
}

func TestNow_inboxFails(t *testing.T) {
	broken := fmt.Errorf("%w", inbox.ErrCorrupt)
	in := &fakeInbox{err: broken, health: broken}
	n := report.New(report.Config{Store: &fakeStore{have: 3}, Inbox: in}).Now(t.Context())
	if n.Queue.Known() || !errors.Is(n.Queue.Err, inbox.ErrCorrupt) || !errors.Is(n.Quarantine.Err, inbox.ErrCorrupt) || !errors.Is(n.Accepting.Err, inbox.ErrCorrupt) {
		t.Errorf("queue %+v, quarantine %+v, accepting %+v", n.Queue, n.Quarantine, n.Accepting)
	}
	if n.Database.State != report.Up || !n.Totals.Known() || n.Empty() {
		t.Errorf("the database suffers from the inbox: %+v", n.Database)
	}
}

func TestNow_empty(t *testing.T) {
	for _, tc := range []struct {
		name  string
		db    *fakeStore
		inbox *fakeInbox
		want  bool
	}{
		{name: "nothing ever came", db: &fakeStore{have: 3}, inbox: &fakeInbox{}, want: true},
		{name: "one delivery", db: &fakeStore{have: 3}, inbox: &fakeInbox{stats: inbox.Stats{Received: 1}}},
		{name: "an imported log", db: &fakeStore{have: 3, totals: store.Totals{Events: 1}}, inbox: &fakeInbox{}},
		{name: "database away", db: &fakeStore{err: errAway}, inbox: &fakeInbox{}},
		{name: "inbox unreadable", db: &fakeStore{have: 3}, inbox: &fakeInbox{err: errAway}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := report.New(report.Config{Store: tc.db, Inbox: tc.inbox}).Now(t.Context()).Empty(); got != tc.want {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}
