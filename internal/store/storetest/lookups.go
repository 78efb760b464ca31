package storetest

import (
	"fmt"
	"sync"

	"tandai/internal/store"
)

// lookups of a session as text: "hidden seen asked next gave_up claimed".
func (w *world) lookups(session string) []string {
	w.tb.Helper()
	return w.rows("SELECT hidden, seen_at, asked, next_at, gave_up_at, claimed_by FROM lid_lookups WHERE session = ? ORDER BY hidden", session)
}

func (w *world) claim(s store.Store, c store.LookupClaim) []string {
	w.t.Helper()
	claimed, err := s.ClaimLookups(w.ctx(), c)
	if err != nil {
		w.t.Fatalf("claim: %v", err)
	}
	var ids []string
	for _, l := range claimed {
		ids = append(ids, l.Hidden)
	}
	return ids
}

// testLookups: whoever cannot be resolved is on the list until somebody can, and
// several servers share the asking.
func testLookups(w *world) {
	w.configure(store.Settings{Zone: jakarta})
	hidden := func(n int) string { return fmt.Sprintf("2010000000000%02d@lid", n) }
	queued := func(n int, at int64) string { return fmt.Sprintf("%s | %d | 0 | 0 | 0 | ", hidden(n), Epoch+at) }

	w.sub("put on with the row, taken off with the pair", func(w *world) {
		s := Scene{"listed"}
		w.record(s.Put(hidden(1), "1", 20), s.Put(hidden(2), "1", 30), s.Put(siti, "1", 40), s.In(hidden(3), 50))
		w.same("list", lines(queued(1, 20), queued(2, 30), queued(3, 50)), w.lookups("listed"))
		w.record(s.Put(hidden(1), "2", 10), s.Put(hidden(2), "2", 60))
		w.same("seen earlier", lines(queued(1, 10), queued(2, 30), queued(3, 50)), w.lookups("listed"))
		w.record(s.Pair(hidden(1), sitiP, 70), s.Pair(hidden(3), budiP, 70))
		w.same("resolved", lines(queued(2, 30)), w.lookups("listed"))
		w.record(s.Put(hidden(1), "3", 80), s.Take(hidden(3), "3", 90))
		w.same("known ones stay off", lines(queued(2, 30)), w.lookups("listed"))
	})
	w.sub("a pair that is known before", func(w *world) {
		s := Scene{"early"}
		w.record(s.Pair(hidden(1), sitiP, 5))
		w.record(s.Put(hidden(1), "1", 10))
		w.same("list", lines(), w.lookups("early"))
	})
	w.sub("claims", func(w *world) {
		s := Scene{"claims"}
		for n := range 5 {
			w.record(s.Put(hidden(n), "1", int64(10+n)))
		}
		sessions, _, err := w.Store.DueLookups(w.ctx(), 1000)
		if err != nil {
			w.t.Fatalf("%v", err)
		}
		w.same("due", true, contains(sessions, "claims"))
		other := w.Reopen(w.tb)
		w.same("first", lines(hidden(0), hidden(1)), w.claim(w.Store, store.LookupClaim{Session: "claims", By: "a", Now: 1000, Until: 2000, Limit: 2}))
		w.same("another server", lines(hidden(2), hidden(3), hidden(4)), w.claim(other, store.LookupClaim{Session: "claims", By: "b", Now: 1000, Until: 3000, Limit: 9}))
		w.same("nothing is left", lines(), w.claim(other, store.LookupClaim{Session: "claims", By: "b", Now: 1999, Until: 3000, Limit: 9}))
		w.same("the first one died", lines(hidden(0), hidden(1)), w.claim(other, store.LookupClaim{Session: "claims", By: "b", Now: 2000, Until: 3000, Limit: 9}))
		if err := other.ReleaseLookups(w.ctx(), "claims", "b"); err != nil {
			w.t.Fatalf("%v", err)
		}
		w.same("given back", lines(hidden(0)), w.claim(w.Store, store.LookupClaim{Session: "claims", By: "a", Now: 2000, Until: 3000, Limit: 1}))
	})
	w.sub("several servers at once claim each id once", func(w *world) {
		s := Scene{"race"}
		var in []store.Input
		for n := range 40 {
			in = append(in, s.Put(hidden(n), "1", int64(10+n)))
		}
		w.record(in...)
		servers := []store.Store{w.Store, w.Reopen(w.tb), w.Reopen(w.tb)}
		var mu sync.Mutex
		times := map[string]int{}
		var all sync.WaitGroup
		for i, server := range servers {
			all.Go(func() {
				for range 8 {
					claimed, err := server.ClaimLookups(w.ctx(), store.LookupClaim{Session: "race", By: fmt.Sprint("s", i), Now: 10, Until: 1000, Limit: 5})
					if err != nil {
						w.t.Errorf("claim: %v", err)
					}
					mu.Lock()
					for _, l := range claimed {
						times[l.Hidden]++
					}
					mu.Unlock()
				}
			})
		}
		all.Wait()
		for h, n := range times {
			if n != 1 {
				w.t.Errorf("%s was claimed %d times", h, n)
			}
		}
		w.same("claimed", 40, len(times))
	})
	w.sub("answers", func(w *world) {
		s := Scene{"answers"}
		w.record(s.Put(hidden(1), "1", 10), s.Put(hidden(2), "1", 20))
		w.claim(w.Store, store.LookupClaim{Session: "answers", By: "a", Now: 100, Until: 900, Limit: 9})
		settle := func(answers ...store.LookupAnswer) {
			w.t.Helper()
			if err := w.Store.SettleLookups(w.ctx(), answers); err != nil {
				w.t.Fatalf("settle: %v", err)
			}
		}
		settle(store.LookupAnswer{Session: "answers", Hidden: hidden(1), AskedAt: 110, NextAt: 500}, store.LookupAnswer{Session: "answers", Hidden: hidden(2), AskedAt: 110, NextAt: 600})
		w.same("not yet due", lines(), w.claim(w.Store, store.LookupClaim{Session: "answers", By: "a", Now: 499, Until: 900, Limit: 9}))
		_, next, err := w.Store.DueLookups(w.ctx(), 499)
		if err != nil || (next != 500 && next != 1000 && next != 2000) { // others of this database may be due before
			w.t.Errorf("next due %d, %v", next, err)
		}
		claimed, err := w.Store.ClaimLookups(w.ctx(), store.LookupClaim{Session: "answers", By: "a", Now: 500, Until: 900, Limit: 9})
		if err != nil {
			w.t.Fatalf("%v", err)
		}
		w.same("due again", []store.Lookup{{Session: "answers", Hidden: hidden(1), SeenAt: Epoch + 10, FirstAskedAt: 110, LastAskedAt: 110, Asked: 1, NextAt: 500}}, claimed)
		settle(store.LookupAnswer{Session: "answers", Hidden: hidden(1), AskedAt: 510, NextAt: 500, GaveUpAt: 510})
		w.same("given up", lines(), w.claim(w.Store, store.LookupClaim{Session: "answers", By: "a", Now: 520, Until: 900, Limit: 9}))
		w.record(s.Pair(hidden(1), sitiP, 30))
		settle(store.LookupAnswer{Session: "answers", Hidden: hidden(1), AskedAt: 700, NextAt: 800})
		w.same("an answer that comes too late", lines(fmt.Sprintf("%s | %d | 1 | 600 | 0 | ", hidden(2), Epoch+20)), w.lookups("answers"))
		known, err := w.Store.HiddenAmong(w.ctx(), "answers", []string{hidden(1), hidden(2), hidden(3)})
		if err != nil {
			w.t.Fatalf("%v", err)
		}
		w.same("known", map[string]string{hidden(1): sitiP, hidden(2): ""}, known)
	})
	w.sub("in step with the log", func(w *world) {
		s := Scene{"refresh"}
		w.record(s.Put(hidden(1), "1", 10), s.Put(hidden(2), "1", 20), s.Pair(hidden(2), sitiP, 5), s.Out(hidden(3), 30))
		w.Exec(w.tb, "DELETE FROM lid_lookups WHERE session = 'refresh'")
		for n, at := range []int64{2, 9} { // resolved, and nobody's
			w.Exec(w.tb, "INSERT INTO lid_lookups VALUES ('refresh', ?, ?, 0, 0, 0, 0, 0, '', 0)", hidden(int(at)), n)
		}
		added, removed, err := w.Store.RefreshLookups(w.ctx())
		if err != nil || added != 2 || removed != 2 {
			w.t.Errorf("refresh: %d added, %d removed, %v; want 2 and 2", added, removed, err)
		}
		w.same("list", lines(queued(1, 10), queued(3, 30)), w.lookups("refresh"))
		if added, removed, err := w.Store.RefreshLookups(w.ctx()); err != nil || added+removed != 0 {
			w.t.Errorf("refresh again: %d added, %d removed, %v", added, removed, err)
		}
		sessions, err := w.Store.HiddenSessions(w.ctx())
		if err != nil || !contains(sessions, "refresh") {
			w.t.Errorf("sessions with hidden ids: %v, %v", sessions, err)
		}
	})
	w.verify()
}

func contains(all []string, s string) bool {
	for _, a := range all {
		if a == s {
			return true
		}
	}
	return false
}

// testPeopleShown: who is unknown, who has several phones, who several hidden ids.
func testPeopleShown(w *world) {
	w.configure(store.Settings{Zone: jakarta})
	h := func(n int) string { return fmt.Sprintf("2010000000000%02d@lid", n) }
	a, b := Scene{"cs1"}, Scene{"cs2"}
	w.record(
		a.Put(h(1), "1", 30), a.Put(h(2), "1", 20), // unknown
		a.Put(h(3), "1", 10), a.Pair(h(3), sitiP, 10), a.Pair(h(3), budiP, 40), a.Pair(h(3), sitiP, 60), // there and back
		a.Put(h(4), "1", 10), a.Pair(h(4), sitiP, 50), // a second id of Siti
		b.Put(h(3), "1", 10), b.Pair(h(3), sitiP, 10), // another session says nothing of this one
		b.Pair(h(5), budiP, 10), b.Pair(h(6), budiP, 20), b.Pair(h(6), sitiP, 30), // Budi had two for a while
	)
	err := w.Store.SettleLookups(w.ctx(), []store.LookupAnswer{{Session: "cs1", Hidden: h(2), AskedAt: 7, NextAt: 8, GaveUpAt: 9}})
	if err != nil {
		w.t.Fatalf("%v", err)
	}
	counts, err := w.Store.PeopleCounts(w.ctx())
	if err != nil {
		w.t.Fatalf("%v", err)
	}
	w.same("counts", []store.PeopleCount{
		{Session: "cs1", Unresolved: 2, GivenUp: 1, SinceAt: Epoch + 20, ManyPhones: 1, ManyHidden: 1},
		{Session: "cs2", ManyPhones: 1, ManyHidden: 1},
	}, counts)
	unresolved, err := w.Store.Unresolved(w.ctx(), 1)
	if err != nil {
		w.t.Fatalf("%v", err)
	}
	w.same("unresolved", []store.Lookup{{Session: "cs1", Hidden: h(2), SeenAt: Epoch + 20, FirstAskedAt: 7, LastAskedAt: 7, Asked: 1, NextAt: 8, GaveUpAt: 9}}, unresolved)
	phones, err := w.Store.ManyPhones(w.ctx(), 10)
	if err != nil {
		w.t.Fatalf("%v", err)
	}
	claim := func(session, hidden, phone string, first, last int64, current bool) store.Claim {
		return store.Claim{Session: session, Hidden: hidden, Phone: phone, FirstAt: Epoch + first, LastAt: Epoch + last, Current: current}
	}
	w.same("several phones", []store.Claim{
		claim("cs1", h(3), sitiP, 10, 60, true), claim("cs1", h(3), budiP, 40, 40, false),
		claim("cs2", h(6), sitiP, 30, 30, true), claim("cs2", h(6), budiP, 20, 20, false),
	}, phones)
	hidden, err := w.Store.ManyHidden(w.ctx(), 10)
	if err != nil {
		w.t.Fatalf("%v", err)
	}
	w.same("several ids", []store.Claim{
		claim("cs1", h(3), sitiP, 10, 60, true), claim("cs1", h(4), sitiP, 50, 50, true),
		claim("cs2", h(6), sitiP, 30, 30, true), claim("cs2", h(3), sitiP, 10, 10, true),
	}, hidden)
	if cut, err := w.Store.ManyHidden(w.ctx(), 1); err != nil || len(cut) != 2 {
		w.t.Errorf("one phone: %d claims, %v, want its two", len(cut), err)
	}
	w.same("one person in both sessions", lines("cs1 | "+sitiP+" | 2", "cs2 | "+sitiP+" | 1"),
		w.rows("SELECT session, nomor_lead, COUNT(*) FROM label_events WHERE nomor_lead = ? GROUP BY session, nomor_lead ORDER BY session", sitiP))
	w.verify()
}
