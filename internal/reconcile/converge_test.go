package reconcile

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tandai/internal/label"
	"tandai/internal/lead"
	"tandai/internal/store"
)

// TestConverges is the promise: with webhooks lost, doubled and in any order, reads
// that lie or break off before, NOWEB lists that are stale until before the second
// reconciliation, and readers that are new each time (as after a restart), two
// reconciliations make the log show what the phone does.
func TestConverges(t *testing.T) {
	onBoth(t, func(t *testing.T, open func(testing.TB) store.Store) {
		db := open(t)
		run := 0
		rapid.Check(t, func(r *rapid.T) {
			run++
			converge(t, r, db, fmt.Sprintf("cs%d", run))
		})
	})
}

func converge(t *testing.T, r *rapid.T, db store.Store, session string) {
	w := newWorld(t, rapid.SampledFrom([]string{"GOWS", "NOWEB", "WEBJS", "WPP", ""}).Draw(r, "engine"), db)
	w.waha.session.Name = session
	w.clock = epoch.Add(time.Duration(rapid.IntRange(0, 1000).Draw(r, "start")) * time.Hour)
	people := []string{"628120001", "628120002", "628120003"}
	for i := 4; i <= rapid.SampledFrom([]int{3, 14}).Draw(r, "people"); i++ {
		people = append(people, fmt.Sprintf("6281200%02d", i))
	}
	hidden := map[string]string{"628120001": "20100001@lid", "628120003": "20100003@lid"}
	for phone, h := range hidden {
		if rapid.Bool().Draw(r, "knows "+h) {
			w.waha.lids[h] = phone
		}
	}
	var late []store.Input
	put := func(phone, id string, there bool) {
		chat := phone + "@c.us"
		if h := hidden[phone]; h != "" && w.waha.lids[h] != "" && rapid.Bool().Draw(r, "by hidden id") {
			chat = h
		}
		status := label.Removed
		for _, c := range []string{phone + "@c.us", hidden[phone]} {
			delete(w.waha.truth, on{c, id})
		}
		if there {
			status = label.Added
			w.waha.truth[on{chat, id}] = true
		}
		w.seq++
		in := store.Input{Session: session, At: w.clock.UnixMilli(), Event: &label.Event{
			ID: label.EventID("", session, string(status), fmt.Sprint(w.seq)), Session: session, ChatID: chat, LabelID: id, Status: status,
			At: w.clock.UnixMilli(), Source: label.FromWebhook, ReceivedAt: w.clock.UnixMilli(),
		}}
		switch n := rapid.IntRange(0, 9).Draw(r, "webhook"); {
		case n < 3: // lost
		case n < 5:
			late = append(late, in)
		case n == 5:
			w.record(in)
			late = append(late, in)
		default:
			w.record(in)
		}
		// In the same millisecond at times: nobody can tell the order then.
		w.pass(time.Duration(rapid.SampledFrom([]int{0, 1, 700, 60_000}).Draw(r, "ms")) * time.Millisecond)
	}
	labelID := func() string { return rapid.SampledFrom([]string{"1", "2"}).Draw(r, "label") }
	change := func() {
		put(rapid.SampledFrom(people).Draw(r, "who"), labelID(), rapid.Bool().Draw(r, "on"))
	}
	everyone := func() { // a label on everybody, or off
		id, there := labelID(), rapid.Bool().Draw(r, "on")
		for _, phone := range people {
			put(phone, id, there)
		}
	}
	read := func() {
		if _, err := w.reader().Targets(t.Context()); err != nil {
			t.Fatal(err)
		}
		_, _ = w.read() // it may be made to fail
	}
	steps := rapid.IntRange(1, 25).Draw(r, "steps")
	for range steps {
		switch n := rapid.IntRange(0, 15).Draw(r, "step"); {
		case n < 9:
			change()
		case n < 11:
			w.pass(time.Duration(rapid.IntRange(0, 8).Draw(r, "minutes")) * time.Minute)
			read()
		case n == 11 && len(late) > 0:
			i := rapid.IntRange(0, len(late)-1).Draw(r, "late")
			w.record(late[i])
			late = slices.Delete(late, i, i+1)
		case n == 12: // NOWEB is stale from here on
			stale := maps.Clone(w.waha.truth)
			if w.waha.session.Engine == "NOWEB" {
				w.waha.badList = func(id string, _ []string) ([]string, error) { return chatsOf(stale, id), nil }
				w.waha.badChat = func(chat string, _ []string) ([]string, error) { return labelsOf(stale, chat), nil }
			}
		case n == 13: // one read lies
			truth := w.waha.truth
			w.waha.truth = map[on]bool{{people[rapid.IntRange(0, 2).Draw(r, "lie")] + "@c.us", "1"}: true}
			read()
			w.waha.truth = truth
			w.pass(time.Second)
			read()
		case n == 15:
			everyone()
		case n == 14 && w.waha.session.Engine == "NOWEB": // the list of chats is not whole
			w.waha.badList = func(_ string, chats []string) ([]string, error) {
				return slices.DeleteFunc(slices.Clone(chats), func(c string) bool { return lead.OfChat(c) == people[0] }), nil
			}
			read()
			w.waha.badList = nil
		}
	}
	w.pass(time.Second)
	for range 2 {
		read()
		w.pass(after)
	}
	w.waha.badList, w.waha.badChat = nil, nil // it is not stale any more
	for _, in := range late {                 // all retries have ended by now
		if rapid.Bool().Draw(r, "comes at last") {
			w.record(in)
		}
	}
	w.pass(time.Second)
	read()
	w.pass(after)
	res := w.mustRead()
	if len(res.Open) != 0 {
		r.Errorf("still open: %+v", res.Open)
	}
	shown, err := db.Shown(t.Context(), session, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	for _, s := range shown.Active {
		got[person(w, s.Lead)+" "+s.LabelID] = true
	}
	want := map[string]bool{}
	for _, l := range w.truth() {
		want[l] = true
	}
	if diff := cmp.Diff(want, got); diff != "" {
		r.Errorf("active labels (-WAHA +log):\n%s", diff)
	}
	checked, err := db.Rebuild(t.Context(), store.RebuildOptions{DryRun: true, Sessions: []string{session}})
	if err == nil && checked.Differences > 0 {
		r.Errorf("a rebuild differs: %+v", checked.First)
	}
}

// person is who a lead is, for those who know all.
func person(w *world, l string) string {
	if phone := w.waha.lids[l]; phone != "" {
		return phone
	}
	return l
}

func chatsOf(truth map[on]bool, id string) []string {
	var all []string
	for o := range truth {
		if o.label == id {
			all = append(all, o.chat)
		}
	}
	slices.Sort(all)
	return all
}

func labelsOf(truth map[on]bool, chat string) []string {
	var all []string
	for o := range truth {
		if o.chat == chat {
			all = append(all, o.label)
		}
	}
	return all
}

// TestTwoReaders reads the same session from two servers at once: what both see is
// recorded once.
func TestTwoReaders(t *testing.T) {
	onBoth(t, func(t *testing.T, open func(testing.TB) store.Store) {
		w := newWorld(t, "GOWS", open(t))
		w.mustRead()
		for i := range 40 {
			w.waha.set(fmt.Sprintf("62812%04d@c.us", i), "1", true)
		}
		w.pass(time.Minute)
		for range 3 {
			var both sync.WaitGroup
			for range 2 {
				both.Go(func() {
					if _, err := w.read(); err != nil {
						t.Error(err)
					}
				})
			}
			both.Wait()
			w.pass(after)
		}
		if n := len(w.log()); n != 40 {
			t.Errorf("%d rows, want 40", n)
		}
		if notes, _ := w.store.NotedDifferences(t.Context(), "", 100); len(notes) != 0 {
			t.Errorf("%d notes are left", len(notes))
		}
	})
}

// TestDiesBetween loses what a read does last: noting, confirming, forgetting.
func TestDiesBetween(t *testing.T) {
	w := newWorld(t, "GOWS", sqliteStore(t))
	w.mustRead()
	w.happens(siti, "1", true, false)
	w.mustRead()
	w.pass(after)
	dies := func(c *Config) { c.Store = forgetful{w.store} }
	if _, err := w.read(dies); err == nil {
		t.Fatal("it was to fail after recording")
	}
	wantActive(t, w, "628120001 1")
	w.pass(time.Minute)
	if res := w.mustRead(); res.Repaired != 0 || len(res.Open) != 0 {
		t.Errorf("the next read: %+v", res)
	}
	if n := len(w.log()); n != 1 {
		t.Errorf("%d rows", n)
	}
	if notes, _ := w.store.NotedDifferences(t.Context(), "", 10); len(notes) != 0 {
		t.Errorf("still noted: %+v", notes)
	}
}

var errDied = errors.New("died")

// forgetful saves no readings, as a process that dies before.
type forgetful struct{ store.Store }

func (forgetful) SaveReading(_ context.Context, _ store.Reading) error { return errDied }

// TestHugeLabel loads a label on 50,000 chats that nobody told of, half of them by
// hidden ids.
func TestHugeLabel(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a while")
	}
	const n = 50_000
	w := newWorld(t, "GOWS", sqliteStore(t))
	for i := range n {
		if i%2 == 0 {
			w.waha.truth[on{fmt.Sprintf("62812%06d@c.us", i), "1"}] = true
			continue
		}
		h := fmt.Sprintf("2010%06d@lid", i)
		w.waha.truth[on{h, "1"}] = true
		if i%4 == 1 {
			w.waha.lids[h] = fmt.Sprintf("62812%06d", i)
		}
	}
	res := w.twice()
	if res.Repaired != n || len(res.Open) != 0 || w.waha.calls["lid"] > 1000 {
		t.Errorf("repaired %d, open %d, %v", res.Repaired, len(res.Open), w.waha.calls)
	}
	if got := w.active(); len(got) != n {
		t.Errorf("%d active labels", len(got))
	}
	if res = w.mustRead(); res.Differences != 0 {
		t.Errorf("again: %d differences", res.Differences)
	}
}

// TestStoreGoesAway loses the database between the two reads: the second says so,
// and nothing is half done.
func TestStoreGoesAway(t *testing.T) {
	w := newWorld(t, "GOWS", sqliteStore(t))
	w.mustRead()
	w.happens(siti, "1", true, false)
	w.mustRead()
	w.pass(after)
	gone := &store.Error{Class: store.ErrUnavailable, Op: "read", Err: errDied}
	if res, err := w.read(func(c *Config) { c.Store = away{w.store, gone} }); !errors.Is(err, store.ErrUnavailable) || res.Repaired != 0 {
		t.Errorf("%+v, %v", res, err)
	}
	if rows := w.log(); len(rows) != 0 {
		t.Errorf("recorded: %+v", rows)
	}
	if res := w.mustRead(); res.Repaired != 1 {
		t.Errorf("when it is back: %+v", res)
	}
}

// away is a store that does not record.
type away struct {
	store.Store
	err error
}

func (a away) Record(context.Context, []store.Input) (store.Recorded, error) {
	return store.Recorded{}, a.err
}
