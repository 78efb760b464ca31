package directory

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"tandai/internal/store"
	"tandai/internal/waha/rest"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

func hid(n int) string { return fmt.Sprintf("2010000000%05d@lid", n) }
func tel(n int) string { return fmt.Sprintf("62856%08d", n) }

func TestLids_askedOnceAndFilledIn(t *testing.T) {
	w := newWorld(t)
	w.waha.knows(hid(1), tel(1))
	w.record(w.put("cs1", hid(1), "4"), w.put("cs1", tel(1)+"@c.us", "5"), w.put("cs1", hid(2), "4"))
	w.step()
	var lids []string
	for _, q := range w.waha.questions() {
		if strings.HasPrefix(q, "cs1/") {
			lids = append(lids, q)
		}
	}
	slices.Sort(lids)
	w.same("asked", lines("cs1/"+hid(1), "cs1/"+hid(2)), lids)
	w.same("people", map[string]string{hid(1): tel(1)}, w.phones("cs1", hid(1), hid(2)))
	w.later(time.Minute)
	w.record(w.put("cs1", hid(1), "6"), w.put("cs1", hid(2), "6"))
	w.step()
	for _, q := range w.waha.questions() {
		if strings.HasPrefix(q, "cs1/") {
			t.Errorf("asked again: %s", q)
		}
	}
	w.verify()
}

func (w *world) phones(session string, hidden ...string) map[string]string {
	w.t.Helper()
	phones, err := w.db.Phones(w.t.Context(), session, hidden)
	if err != nil {
		w.t.Fatal(err)
	}
	return phones
}

// An id that never resolves is asked about with growing pauses for 30 days, then
// given up and shown; a message may still tell whose it is.
func TestLids_neverResolves(t *testing.T) {
	w := newWorld(t)
	w.waha.label("4", "Grade A")
	w.record(w.put("cs1", hid(1), "4"))
	var at []time.Duration
	for range 45 * 24 * 12 {
		w.step()
		for _, q := range w.waha.questions() {
			if q == "cs1/"+hid(1) {
				at = append(at, w.now().Sub(epoch))
			}
		}
		w.later(5 * time.Minute)
	}
	if len(at) < 30 || len(at) > 40 || at[0] != 0 {
		t.Fatalf("asked %d times: %v", len(at), at)
	}
	for i := 2; i < len(at); i++ {
		if at[i]-at[i-1] < at[i-1]-at[i-2] {
			t.Errorf("a pause of %v after one of %v", at[i]-at[i-1], at[i-1]-at[i-2])
		}
	}
	if last := at[len(at)-1]; last < 30*24*time.Hour || last > 31*24*time.Hour {
		t.Errorf("asked last after %v, want 30 days", last)
	}
	shown, err := w.db.Unresolved(t.Context(), 10)
	if err != nil || len(shown) != 1 || shown[0].GaveUpAt == 0 || shown[0].Asked != len(at) {
		t.Errorf("shown: %+v, %v", shown, err)
	}
	w.record(w.pair("cs1", hid(1), tel(1)))
	if shown, err = w.db.Unresolved(t.Context(), 10); err != nil || len(shown) != 0 {
		t.Errorf("shown although known: %+v, %v", shown, err)
	}
	w.same("rows", lines(tel(1)+" +4 Grade A"), w.rows())
	w.verify()
}

// Many unknown ids are one list's business; of that list only what was heard of is
// kept.
func TestLids_many(t *testing.T) {
	w := newWorld(t)
	const heard = 300
	for n := range 1300 { // three pages, and one that brings nothing new
		w.waha.knows(hid(n), tel(n))
	}
	var in []store.Input
	for n := range heard {
		in = append(in, w.put("cs1", hid(4*n), "4"))
	}
	in = append(in, w.put("cs1", hid(9999), "4"))
	w.record(in...)
	w.step()
	count := map[string]int{}
	for _, q := range w.waha.questions() {
		count[strings.SplitN(q, " ", 2)[0]]++
	}
	w.same("questions", map[string]int{"labels": 1, "lids": 4}, count)
	var all []string
	for n := range 1300 {
		all = append(all, hid(n))
	}
	w.same("kept", heard, len(w.phones("cs1", all...)))
	// The one that is in no list is asked for by itself before the list is read again.
	w.later(5 * time.Minute)
	w.step()
	w.same("alone", lines("cs1/"+hid(9999)), slices.DeleteFunc(w.waha.questions(), func(q string) bool { return !strings.HasPrefix(q, "cs1/") }))
	w.verify()
}

// At the start, and every day, WAHA's whole list tells of ids whose phone changed:
// the history goes with the person, and back again.
func TestLids_phoneChanges(t *testing.T) {
	w := newWorld(t)
	w.waha.label("4", "Grade A")
	w.waha.knows(hid(1), tel(1))
	w.record(w.put("cs1", hid(1), "4"))
	w.start()
	for n, phone := range []int{2, 1, 2} {
		w.waha.knows(hid(1), tel(phone))
		w.later(24 * time.Hour)
		w.start()
		w.same(fmt.Sprint("rows ", n), lines(tel(phone)+" +4 Grade A"), w.rows())
	}
	claims, err := w.db.ManyPhones(t.Context(), 10)
	if err != nil || len(claims) != 2 || claims[0].Phone != tel(2) || !claims[0].Current {
		t.Errorf("claims: %+v, %v", claims, err)
	}
	// As known costs nothing.
	w.later(24 * time.Hour)
	before := claims[0].LastAt
	w.start()
	if claims, err = w.db.ManyPhones(t.Context(), 10); err != nil || claims[0].LastAt != before {
		t.Errorf("claims: %+v, %v", claims, err)
	}
	w.verify()
}

// Whatever ails WAHA, it is asked again later, seldom, shown meanwhile and logged
// once; nothing counts as an answer, and events are not held back.
func TestTrouble(t *testing.T) {
	for kind, err := range map[string]error{
		"unreachable": rest.ErrUnreachable, "unauthorized": rest.ErrUnauthorized, "forbidden": rest.ErrForbidden,
		"not_found": rest.ErrNotFound, "not_working": rest.ErrNotWorking, "server_error": rest.ErrServer,
	} {
		t.Run(kind, func(t *testing.T) {
			w := newWorld(t)
			w.waha.label("4", "Grade A")
			w.waha.knows(hid(1), tel(1))
			w.waha.fail(fmt.Errorf("cannot do it: %w", err))
			w.start()
			for n := range 24 * 60 {
				if n%20 == 0 {
					w.record(w.put("cs1", hid(1), "4"))
				}
				w.step()
				w.later(time.Minute)
			}
			if n := len(w.waha.questions()); n < 3 || n > 400 {
				t.Errorf("asked %d times in a day", n)
			}
			if n := strings.Count(w.log.String(), "\n"); n != 1 {
				t.Errorf("%d lines logged:\n%s", n, w.log)
			}
			state := w.State()
			if len(state) != 1 || state[0].Trouble == nil || state[0].Trouble.Kind != kind || state[0].Trouble.SinceAt != epoch.UnixMilli() || state[0].Trouble.NextAt <= w.Service.now()-minute {
				t.Fatalf("state: %+v", state)
			}
			shown, dbErr := w.db.Unresolved(t.Context(), 10)
			if dbErr != nil || len(shown) != 1 || shown[0].Asked != 0 || len(w.rows()) != 24*3 {
				t.Errorf("%+v, %v; %d rows", shown, dbErr, len(w.rows()))
			}
			w.waha.fail(nil)
			w.record(store.Input{Session: "cs1", At: w.Service.now(), Status: "WORKING"})
			w.later(5 * time.Second)
			w.step()
			w.same("rows", tel(1)+" +4 Grade A", w.rows()[0])
			w.same("trouble", (*Trouble)(nil), w.State()[0].Trouble)
			if n := strings.Count(w.log.String(), "\n"); n != 2 || !strings.Contains(w.log.String(), "look-ups work again") {
				t.Errorf("%d lines logged:\n%s", n, w.log)
			}
		})
	}
}

// An id that WAHA fails over holds up none of the others.
func TestLids_oneBad(t *testing.T) {
	w := newWorld(t)
	w.waha.bad = map[string]error{hid(0): rest.ErrServer, hid(1): rest.ErrInvalid}
	var in []store.Input
	for n := range 6 {
		w.waha.knows(hid(n), tel(n))
		in = append(in, w.put("cs1", hid(n), "4"))
	}
	w.waha.phones[hid(0)], w.waha.phones[hid(1)] = "", ""
	w.record(in...)
	w.step()
	w.same("known", 4, len(w.phones("cs1", hid(0), hid(1), hid(2), hid(3), hid(4), hid(5))))
	w.same("trouble", (*Trouble)(nil), w.State()[0].Trouble)
	w.later(5 * time.Minute)
	w.waha.bad = nil
	w.waha.knows(hid(0), tel(0))
	w.step()
	w.same("later", map[string]string{hid(0): tel(0)}, w.phones("cs1", hid(0), hid(1)))
}

// Two servers on one database share the asking; what one of them had claimed when
// it died is asked by the other.
func TestLids_twoServers(t *testing.T) {
	w := newWorld(t)
	var in []store.Input
	for n := range 45 {
		w.waha.knows(hid(n), tel(n))
		in = append(in, w.put("cs1", hid(n), "4"), w.put("second.cs1", hid(n), "4"))
	}
	w.record(in...)
	other := w.server("b")
	if _, err := w.db.ClaimLookups(t.Context(), store.LookupClaim{Session: "cs1", By: "dead", Now: w.Service.now(), Until: w.Service.now() + claimTime, Limit: 5}); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for _, s := range []*Service{w.Service, other} {
		all.Go(func() { stepOf(t.Context(), s) })
	}
	all.Wait()
	w.later(time.Duration(claimTime) * time.Millisecond)
	stepOf(t.Context(), other)
	count := map[string]int{}
	for _, q := range w.waha.questions() {
		if strings.HasPrefix(q, "cs1/") {
			count[q]++
		}
	}
	for q, n := range count {
		if n != 2 { // once for each server's session of that name
			t.Errorf("%s asked %d times, want 2", q, n)
		}
	}
	w.same("asked", 45, len(count))
	counts, err := w.db.PeopleCounts(t.Context())
	if err != nil || len(counts) != 0 {
		t.Errorf("left: %+v, %v", counts, err)
	}
	w.verify()
}

func TestServers(t *testing.T) {
	w := newWorld(t)
	w.record(w.put("second.cs9", hid(1), "4"), w.put("mute.cs9", hid(1), "4"), w.put("other.cs9", hid(1), "4"))
	w.start()
	w.same("asked", lines("labels of cs9", "lids of cs9 from 0"), w.waha.questions())
	w.same("sessions", 1, len(w.State()))
}

// A server may give fewer at a time than it is asked for.
func TestReadAll_shortPages(t *testing.T) {
	w := newWorld(t)
	w.waha.most = 100
	var in []store.Input
	for n := range 250 {
		w.waha.knows(hid(n), tel(n))
		in = append(in, w.put("cs1", hid(n), "4"))
	}
	w.record(in...)
	w.start()
	want := lines("labels of cs1", "lids of cs1 from 0", "lids of cs1 from 100", "lids of cs1 from 200", "lids of cs1 from 250")
	w.same("asked", want, w.waha.questions())
	counts, err := w.db.PeopleCounts(t.Context())
	if err != nil || len(counts) != 0 {
		t.Errorf("left: %+v, %v", counts, err)
	}
	w.verify()
}
