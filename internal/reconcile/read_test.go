package reconcile

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandai/internal/label"
	"tandai/internal/lead"
	"tandai/internal/store"
	"tandai/internal/waha/rest"
)

const (
	siti, budi, ani = "628120001@c.us", "628120002@c.us", "628120003@c.us"
	hiddenSiti      = "20100001@lid"
)

func wantActive(t *testing.T, w *world, want ...string) {
	t.Helper()
	if diff := cmp.Diff(append([]string{}, want...), w.active()); diff != "" {
		t.Errorf("active (-want +got):\n%s", diff)
	}
}

func TestRead_repairsWhatTwoReadsShow(t *testing.T) {
	onBoth(t, func(t *testing.T, open func(testing.TB) store.Store) {
		w := newWorld(t, "GOWS", open(t))
		w.happens(siti, "1", true, true)
		w.happens(budi, "1", true, true)
		if res := w.mustRead(); res.Differences != 0 {
			t.Fatalf("they agree, and it found %+v", res)
		}
		agreed := w.clock.UnixMilli()
		w.pass(time.Hour)
		w.happens(siti, "1", false, false)
		w.happens(ani, "2", true, false)
		w.pass(time.Hour)

		first := w.clock.UnixMilli()
		res := w.mustRead()
		if res.Repaired != 0 || len(res.Open) != 2 || res.Open[0].Why != SeenOnce {
			t.Errorf("seen once: %+v", res)
		}
		if rows := w.log(label.FromSnapshot); len(rows) != 0 {
			t.Errorf("seen once, and recorded: %+v", rows)
		}
		w.pass(after - time.Millisecond)
		if res = w.mustRead(); res.Repaired != 0 {
			t.Errorf("too early: %+v", res)
		}
		w.pass(time.Millisecond)
		if res = w.mustRead(); res.Repaired != 2 || len(res.Open) != 0 {
			t.Errorf("seen twice: %+v", res)
		}
		wantActive(t, w, "628120002 1", "628120003 2")
		for _, r := range w.log(label.FromSnapshot) {
			if r.At != first || r.NotBefore == nil || *r.NotBefore != agreed || r.StartUnknown || r.ReceivedAt != w.clock.UnixMilli() || r.CS != "628110001" {
				t.Errorf("row %+v, want timestamp %d and not before %d", r, first, agreed)
			}
		}
		if r := w.log(label.FromSnapshot)[1]; r.LabelName != "Grade B" {
			t.Errorf("its label is called %q", r.LabelName)
		}
		if res = w.mustRead(); res.Differences != 0 {
			t.Errorf("afterwards: %+v", res)
		}
	})
}

func TestRead_firstLookIsStartUnknown(t *testing.T) {
	w := newWorld(t, "NOWEB", sqliteStore(t))
	w.waha.set(siti, "1", true)
	w.twice()
	rows := w.log()
	if len(rows) != 1 || !rows[0].StartUnknown || rows[0].NotBefore != nil {
		t.Fatalf("the first look: %+v", rows)
	}
	w.pass(time.Hour)
	w.happens(budi, "1", true, false)
	w.twice()
	if rows = w.log(); len(rows) != 2 || rows[1].StartUnknown || rows[1].NotBefore == nil {
		t.Errorf("a later look: %+v", rows)
	}

	// Another phone is paired: what it shows was there before.
	w.pass(time.Hour)
	scan, working := w.clock.UnixMilli(), w.clock.UnixMilli()+5000
	w.record(store.Input{Session: "cs1", At: working, Engine: "GOWS", Statuses: []store.StatusAt{{Status: "SCAN_QR_CODE", At: scan}, {Status: Working, At: working}}})
	w.pass(time.Minute)
	w.waha.set(ani, "2", true)
	w.twice()
	if rows = w.log(); len(rows) != 3 || !rows[2].StartUnknown || rows[2].NotBefore != nil {
		t.Errorf("after pairing: %+v", rows)
	}
}

func TestRead_snapshotThatLiesOnce(t *testing.T) {
	lies := map[string]func(w *world){
		"a label too many": func(w *world) { w.waha.set(ani, "1", true) },
		"one too few":      func(w *world) { w.waha.set(siti, "1", false) },
		"nothing at all":   func(w *world) { w.waha.truth = map[on]bool{} },
	}
	for _, engine := range []string{"GOWS", "NOWEB", "WEBJS", ""} {
		for name, lie := range lies {
			for _, which := range []int{0, 1, 2} {
				t.Run(fmt.Sprint(engine, " ", name, " in read ", which), func(t *testing.T) {
					w := newWorld(t, engine, sqliteStore(t))
					w.happens(siti, "1", true, true)
					w.happens(budi, "2", true, true)
					honest := map[on]bool{{siti, "1"}: true, {budi, "2"}: true}
					for i := range 4 {
						if i == which {
							lie(w)
						}
						w.mustRead()
						w.waha.truth = map[on]bool{}
						for o := range honest {
							w.waha.truth[o] = true
						}
						w.pass(after)
					}
					wantActive(t, w, "628120001 1", "628120002 2")
					if rows := w.log(label.FromSnapshot); len(rows) != 0 {
						t.Errorf("recorded: %+v", rows)
					}
					if notes, _ := w.store.NotedDifferences(t.Context(), "", 10); len(notes) != 0 {
						t.Errorf("still noted: %+v", notes)
					}
				})
			}
		}
	}
}

func TestRead_neverRemovesOnSilence(t *testing.T) {
	cases := map[string]struct {
		engine string
		break_ func(w *world)
	}{
		"WAHA #1184: NOWEB lists only chats of its store": {"NOWEB", func(w *world) {
			w.waha.badList = func(id string, _ []string) ([]string, error) { return map[string][]string{"1": {budi}}[id], nil }
		}},
		"WAHA #1370: the list of a label is empty": {"GOWS", func(w *world) {
			w.waha.badList = func(string, []string) ([]string, error) { return nil, nil }
		}},
		"WAHA #2113: the labels are an empty list": {"GOWS", func(w *world) {
			w.waha.badLabels = func([]rest.Label) ([]rest.Label, error) { return nil, nil }
			w.waha.badList = func(string, []string) ([]string, error) { return nil, nil }
		}},
		"WAHA #2113: and so are the chats' labels": {"NOWEB", func(w *world) {
			w.waha.badLabels = func([]rest.Label) ([]rest.Label, error) { return nil, nil }
			w.waha.badList = func(string, []string) ([]string, error) { return nil, nil }
			w.waha.badChat = func(string, []string) ([]string, error) { return nil, nil }
		}},
		"a label is missing from the list": {"WEBJS", func(w *world) {
			w.waha.badLabels = func(l []rest.Label) ([]rest.Label, error) { return l[1:], nil }
			w.waha.badList = func(id string, chats []string) ([]string, error) {
				if id == "1" {
					return nil, rest.ErrNotFound
				}
				return chats, nil
			}
		}},
		"a chat cannot be asked about": {"NOWEB", func(w *world) {
			w.waha.badList = func(string, []string) ([]string, error) { return nil, nil }
			w.waha.badChat = func(string, []string) ([]string, error) { return nil, rest.ErrNotFound }
		}},
		"an engine nobody knows, with a list that is not whole": {"", func(w *world) {
			w.waha.badList = func(id string, _ []string) ([]string, error) { return map[string][]string{"1": {budi}}[id], nil }
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, c.engine, sqliteStore(t))
			w.happens(siti, "1", true, true)
			w.happens(budi, "1", true, true)
			w.mustRead()
			c.break_(w)
			for range 4 {
				w.pass(after)
				w.mustRead()
			}
			wantActive(t, w, "628120001 1", "628120002 1")
		})
	}
}

func TestRead_removesWhereChatAgreesInBothReads(t *testing.T) {
	w := newWorld(t, "NOWEB", sqliteStore(t))
	w.happens(siti, "1", true, true)
	w.happens(budi, "1", true, true)
	w.mustRead()
	w.waha.badList = func(string, []string) ([]string, error) { return nil, nil } // #1184, at its worst
	w.happens(siti, "1", false, false)
	w.mustRead()
	first := w.clock
	w.pass(after)
	res := w.mustRead()
	wantActive(t, w, "628120002 1")
	if res.Repaired != 1 || w.log(label.FromSnapshot)[0].At != first.UnixMilli() {
		t.Errorf("%+v %+v", res, w.log(label.FromSnapshot))
	}
}

func TestRead_asksByTheIDThatWAHAHas(t *testing.T) { // WAHA #1647
	w := newWorld(t, "NOWEB", sqliteStore(t))
	w.happens(siti, "1", true, true)
	w.record(store.Input{Session: "cs1", At: w.clock.UnixMilli(), Pair: &lead.Pair{Hidden: hiddenSiti, Phone: "628120001", FirstAt: w.clock.UnixMilli(), LastAt: w.clock.UnixMilli()}})
	w.waha.truth = map[on]bool{{hiddenSiti, "1"}: true} // under the hidden id only
	w.waha.badList = func(string, []string) ([]string, error) { return nil, nil }
	w.twice()
	wantActive(t, w, "628120001 1")
	if rows := w.log(label.FromSnapshot); len(rows) != 0 {
		t.Errorf("recorded: %+v", rows)
	}
}

func TestRead_onePersonUnderTwoIDs(t *testing.T) {
	t.Run("WAHA shows the hidden id, the log has the phone", func(t *testing.T) {
		w := newWorld(t, "GOWS", sqliteStore(t))
		w.happens(siti, "1", true, true)
		w.waha.truth = map[on]bool{{hiddenSiti, "1"}: true}
		w.waha.lids[hiddenSiti] = "628120001"
		w.twice()
		wantActive(t, w, "628120001 1")
		if n := len(w.log()); n != 1 {
			t.Errorf("%d rows", n)
		}
	})
	t.Run("the other way round, in bulk", func(t *testing.T) {
		w := newWorld(t, "GOWS", sqliteStore(t))
		for i := range 50 {
			hidden, phone := fmt.Sprintf("201%05d@lid", i), fmt.Sprintf("62813%05d", i)
			w.record(w.hook(w.clock, hidden, "1", label.Added))
			w.waha.set(phone+"@c.us", "1", true)
			w.waha.lids[hidden] = phone
		}
		w.pass(time.Second)
		if res := w.twice(); res.Repaired != 0 || len(res.Open) != 0 || w.waha.calls["lid"] != 0 {
			t.Errorf("%+v, %v", res, w.waha.calls)
		}
		if diff := cmp.Diff(w.truth(), w.active()); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("nobody knows the phone", func(t *testing.T) {
		w := newWorld(t, "GOWS", sqliteStore(t))
		w.mustRead()
		w.happens(hiddenSiti, "1", true, false)
		w.twice()
		wantActive(t, w, hiddenSiti+" 1")
	})
}

func TestRead_personalChatsOnly(t *testing.T) {
	w := newWorld(t, "GOWS", sqliteStore(t))
	for _, chat := range []string{"1203630@g.us", "status@broadcast", "77@newsletter", "628999@c.us", siti} {
		w.waha.set(chat, "1", true)
	}
	w.record(w.hook(w.clock.Add(-time.Hour), "628998@c.us", "1", label.Added)) // before it was put on the list
	ignoring := func(c *Config) {
		c.Ignored = func(_, phone string) bool { return phone == "628999" || phone == "628998" }
	}
	w.mustRead(ignoring)
	w.pass(after)
	w.mustRead(ignoring)
	wantActive(t, w, "628120001 1", "628998 1")
}

func TestRead_incompleteConfirmsNothing(t *testing.T) {
	broken := fmt.Errorf("%w: 500", rest.ErrServer)
	faults := map[string]func(*fakeWAHA){
		"the labels": func(f *fakeWAHA) { f.badLabels = func([]rest.Label) ([]rest.Label, error) { return nil, broken } },
		"every list": func(f *fakeWAHA) {
			f.badList = func(_ string, c []string) ([]string, error) { return c, broken }
		},
		"a chat": func(f *fakeWAHA) { f.badChat = func(string, []string) ([]string, error) { return nil, broken } },
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "NOWEB", sqliteStore(t))
			w.happens(siti, "1", true, true)
			w.happens(budi, "2", true, true)
			w.mustRead()
			w.happens(siti, "1", false, false)
			w.happens(ani, "3", true, false)
			w.mustRead()
			before, _ := w.store.NotedDifferences(t.Context(), "", 10)
			fault(w.waha)
			w.pass(after)
			if res, err := w.read(); !errors.Is(err, rest.ErrServer) || res.Repaired != 0 {
				t.Errorf("a read that is not complete: %+v, %v", res, err)
			}
			if notes, _ := w.store.NotedDifferences(t.Context(), "", 10); cmp.Diff(before, notes) != "" || len(notes) != 2 {
				t.Errorf("it changed the notes: %+v", notes)
			}
			if rows := w.log(label.FromSnapshot); len(rows) != 0 {
				t.Errorf("recorded: %+v", rows)
			}
			runs, _ := w.store.Readings(t.Context(), "cs1", 1)
			if len(runs) != 1 || runs[0].Error == "" {
				t.Errorf("the run is not kept: %+v", runs)
			}
			w.waha.badLabels, w.waha.badList, w.waha.badChat = nil, nil, nil
			if res := w.mustRead(); res.Repaired != 2 {
				t.Errorf("the next one that is: %+v", res)
			}
		})
	}
}

// One label whose chats WAHA does not tell stops no other.
func TestRead_oneListFails(t *testing.T) {
	for name, broken := range map[string]error{
		"WAHA fails each time":            fmt.Errorf("%w: 500", rest.ErrServer),
		"the label was deleted meanwhile": rest.ErrNotFound,
	} {
		for _, engine := range []string{"GOWS", "NOWEB", ""} {
			t.Run(engine+" "+name, func(t *testing.T) {
				w := newWorld(t, engine, sqliteStore(t))
				for _, chat := range []string{siti, budi} {
					w.happens(chat, "1", true, true)
					w.happens(chat, "2", true, true)
				}
				w.mustRead()
				w.happens(siti, "2", false, false)
				w.mustRead() // noted
				w.pass(time.Minute)
				before, _ := w.store.Shown(t.Context(), "cs1", nil)
				w.waha.badList = func(id string, c []string) ([]string, error) { return c, errIf(id == "2", broken) }
				w.happens(siti, "1", false, false)
				res := w.twice()
				if res.Repaired != 1 || len(res.Open) != 1 || res.Open[0].Why != Unread || res.Open[0].LabelID != "2" || res.Open[0].Label != "Grade B" {
					t.Errorf("%+v", res)
				}
				wantActive(t, w, "628120001 2", "628120002 1", "628120002 2")
				shown, _ := w.store.Shown(t.Context(), "cs1", nil)
				if len(shown.Noted) != 1 || shown.AgreedAt["2"] != before.AgreedAt["2"] || shown.AgreedAt[""] != before.AgreedAt[""] || shown.AgreedAt["1"] <= before.AgreedAt["1"] {
					t.Errorf("noted %+v; agreed %v, before %v", shown.Noted, shown.AgreedAt, before.AgreedAt)
				}
				w.waha.badList = nil
				if res = w.mustRead(); res.Repaired != 1 || len(res.Open) != 0 {
					t.Errorf("once it is told again: %+v", res)
				}
				wantActive(t, w, "628120002 1", "628120002 2")
			})
		}
	}
}

func errIf(yes bool, err error) error {
	if yes {
		return err
	}
	return nil
}

func TestRead_asksAgainWhereWAHAStumbles(t *testing.T) {
	w := newWorld(t, "GOWS", sqliteStore(t))
	w.happens(siti, "1", true, true)
	n := 0
	w.waha.badList = func(_ string, c []string) ([]string, error) { n++; return c, errIf(n == 1, rest.ErrServer) }
	if _, err := w.read(); err != nil {
		t.Error(err)
	}
}

func TestRead_lateWebhook(t *testing.T) {
	w := newWorld(t, "GOWS", sqliteStore(t))
	w.mustRead()
	w.pass(time.Minute)
	late := w.hook(w.clock, siti, "1", label.Added)
	w.waha.set(siti, "1", true)
	w.pass(time.Minute)
	w.twice()
	wantActive(t, w, "628120001 1")
	w.record(late)
	if res := w.twice(); res.Differences != 0 {
		t.Errorf("after the late webhook: %+v", res)
	}
	shown, _ := w.store.Shown(t.Context(), "cs1", nil)
	if len(shown.Active) != 1 || shown.Active[0].StartedAt != late.Event.At {
		t.Errorf("the webhook knows better when it began: %+v", shown.Active)
	}
}

func TestRead_flapping(t *testing.T) {
	w := newWorld(t, "GOWS", sqliteStore(t))
	w.mustRead()
	w.happens(siti, "1", true, false) // lost
	w.mustRead()
	w.pass(time.Minute)
	w.happens(siti, "1", false, true) // told: the log is right by chance
	w.happens(siti, "1", true, false) // lost
	w.pass(after)
	if res := w.mustRead(); res.Repaired != 0 {
		t.Errorf("another change came between: %+v", res)
	}
	w.pass(after)
	if res := w.mustRead(); res.Repaired != 1 {
		t.Errorf("seen twice now: %+v", res)
	}
	wantActive(t, w, "628120001 1")
}

func TestRead_changeWhileReading(t *testing.T) {
	w := newWorld(t, "GOWS", sqliteStore(t))
	w.happens(siti, "1", true, true)
	w.mustRead()
	w.pass(time.Hour)
	once := false
	gone := w.hook(w.clock.Add(time.Millisecond), siti, "1", label.Removed)
	res := w.mustRead(func(c *Config) {
		c.Inbox = gate(func() {
			if !once { // it came while WAHA was being asked, and was in the inbox when that was over
				once = true
				w.record(gone)
			}
		})
	})
	if res.Repaired != 0 || len(res.Open) != 1 || res.Open[0].Why != Changed || res.Differences != 1 {
		t.Errorf("the webhook is newer than the list: %+v", res)
	}
	if notes, _ := w.store.NotedDifferences(t.Context(), "", 10); len(notes) != 0 {
		t.Errorf("noted: %+v", notes)
	}
	shown, _ := w.store.Shown(t.Context(), "cs1", nil)
	if at := shown.AgreedAt["1"]; at >= w.clock.UnixMilli() {
		t.Errorf("they agreed at %d, it says, which nobody has seen", at)
	}
	w.waha.set(siti, "1", false)
	w.pass(after)
	if res = w.mustRead(); res.Differences != 0 || len(res.Open) != 0 {
		t.Errorf("the next read: %+v", res)
	}
}

// gate runs something where a read waits for the inbox.
type gate func()

func (g gate) Recorded(context.Context) error { g(); return nil }

func TestRead_clocks(t *testing.T) {
	t.Run("WAHA's is an hour ahead", func(t *testing.T) {
		w := newWorld(t, "GOWS", sqliteStore(t))
		w.waha.skew = time.Hour
		w.mustRead()
		w.waha.set(siti, "1", true)
		w.record(w.hook(w.clock.Add(time.Hour), siti, "1", label.Added))
		w.pass(time.Minute)
		w.waha.set(siti, "1", false) // lost
		w.pass(time.Minute)
		first := w.clock.Add(time.Hour).Truncate(time.Second).UnixMilli()
		w.twice()
		wantActive(t, w)
		if rows := w.log(label.FromSnapshot); len(rows) != 1 || rows[0].At != first {
			t.Errorf("want %d, got %+v", first, rows)
		}
	})
	t.Run("a second and a half apart is as good as equal", func(t *testing.T) {
		w := newWorld(t, "GOWS", sqliteStore(t))
		w.waha.skew = 1500 * time.Millisecond
		w.mustRead()
		w.waha.set(siti, "1", true)
		w.pass(time.Minute)
		first := w.clock.UnixMilli()
		w.twice()
		if rows := w.log(label.FromSnapshot); len(rows) != 1 || rows[0].At != first {
			t.Errorf("want %d, got %+v", first, rows)
		}
	})
	t.Run("ours is set back between the reads", func(t *testing.T) {
		w := newWorld(t, "GOWS", sqliteStore(t))
		w.waha.set(siti, "1", true)
		w.mustRead()
		w.pass(-time.Hour)
		w.mustRead()
		w.pass(after)
		w.mustRead()
		wantActive(t, w, "628120001 1")
	})
	t.Run("a webhook from the future", func(t *testing.T) {
		w := newWorld(t, "GOWS", sqliteStore(t))
		ahead := w.hook(w.clock.Add(3*time.Hour), siti, "1", label.Added)
		ahead.Event.ReceivedAt = w.clock.UnixMilli()
		w.record(ahead)
		w.pass(time.Hour)
		w.waha.set(budi, "1", true)
		w.twice()
		wantActive(t, w, "628120002 1")
	})
}

func TestRead_dryRunWritesNothing(t *testing.T) {
	w := newWorld(t, "GOWS", sqliteStore(t))
	w.happens(siti, "1", true, true)
	w.happens(siti, "1", false, false)
	w.waha.set(hiddenSiti, "2", true)
	w.waha.lids[hiddenSiti] = "628120001"
	before := w.log()
	r := w.reader(func(c *Config) { c.DryRun = true })
	all, err := r.Targets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var res Result
	for range 2 {
		if res, err = r.Read(t.Context(), all[0], "test"); err != nil {
			t.Fatal(err)
		}
		w.pass(after)
	}
	if res.Repaired != 2 || len(res.Open) != 0 {
		t.Errorf("would be repaired: %+v", res)
	}
	if diff := cmp.Diff(before, w.log()); diff != "" {
		t.Error(diff)
	}
	notes, _ := w.store.NotedDifferences(t.Context(), "", 10)
	runs, _ := w.store.Readings(t.Context(), "", 10)
	shown, _ := w.store.Shown(t.Context(), "cs1", nil)
	if len(notes)+len(runs)+len(shown.People)+len(shown.AgreedAt) != 0 {
		t.Errorf("written: %+v %+v %+v", notes, runs, shown)
	}
}

func TestRead_wholeLabelDeleted(t *testing.T) {
	w := newWorld(t, "GOWS", sqliteStore(t))
	w.happens(siti, "1", true, true)
	w.happens(budi, "2", true, true)
	w.mustRead()
	delete(w.waha.labels, "1") // and its webhook is lost
	w.waha.set(siti, "1", false)
	w.twice()
	wantActive(t, w, "628120002 2")
}

func TestRead_severalServers(t *testing.T) {
	db := sqliteStore(t)
	w := newWorld(t, "GOWS", db)
	other := newFake(w.now, "GOWS")
	other.set(siti, "1", true)
	r := w.reader(func(c *Config) { c.Servers = append(c.Servers, Server{Name: "second", WAHA: other}) })
	for range 2 {
		all, err := r.Targets(t.Context())
		if err != nil || len(all) != 2 || all[1].Name != "second.cs1" {
			t.Fatalf("%+v, %v", all, err)
		}
		for _, target := range all {
			if _, err := r.Read(t.Context(), target, "test"); err != nil {
				t.Fatal(err)
			}
		}
		w.pass(after)
	}
	rows := w.log()
	if len(rows) != 1 || rows[0].Session != "second.cs1" || rows[0].Client != "second.cs1" {
		t.Errorf("%+v", rows)
	}
	if target, err := r.Target(t.Context(), "second.cs1"); err != nil || target.WAHA != "cs1" || target.Server.Name != "second" {
		t.Errorf("%+v, %v", target, err)
	}
}
