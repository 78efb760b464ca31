package reconcile

import (
	"fmt"
	"testing"
	"time"

	"tandai/internal/label"
	"tandai/internal/store"
)

// What was received before WAHA was asked is older than what it answers, however
// far ahead its clock is; and what repairs it comes after it in the log.
func TestRead_stampedAheadOfTheAnswer(t *testing.T) {
	for _, ahead := range []time.Duration{0, time.Millisecond, 1500 * time.Millisecond, 8 * time.Second, 5 * time.Hour} {
		t.Run(fmt.Sprint(ahead, " ahead"), func(t *testing.T) {
			onBoth(t, func(t *testing.T, open func(testing.TB) store.Store) {
				w := newWorld(t, "GOWS", open(t))
				w.happens(budi, "1", true, true)
				add := w.hook(w.clock.Add(ahead), siti, "1", label.Added)
				add.Event.ReceivedAt = w.clock.UnixMilli()
				w.record(add)
				if res := w.mustRead(); res.Differences != 1 || len(res.Open) != 1 || res.Open[0].Why != SeenOnce {
					t.Errorf("first read: %+v", res)
				}
				w.pass(after)
				if res := w.mustRead(); res.Repaired != 1 || len(res.Open) != 0 {
					t.Errorf("second read: %+v", res)
				}
				wantActive(t, w, "628120002 1")
				rows := w.log(label.FromSnapshot)
				if len(rows) != 1 || rows[0].At != add.Event.At+1 || rows[0].NotBefore == nil || *rows[0].NotBefore > add.Event.At {
					t.Errorf("want one at %d, got %+v", add.Event.At+1, rows)
				}
				if res := w.twice(); res.Differences != 0 {
					t.Errorf("afterwards: %+v", res)
				}
			})
		})
	}
}

// What changes under the first pair of reads is told for certain by a second.
func TestTwice_changeWhileReading(t *testing.T) {
	w := newWorld(t, "GOWS", sqliteStore(t))
	w.waha.now = time.Now
	reads := 0
	r := w.reader(func(c *Config) {
		c.Now, c.ConfirmAfter = time.Now, 100*time.Millisecond
		c.Inbox = gate(func() {
			if reads++; reads == 1 { // stamped ahead, and WAHA does not have it
				add := w.hook(time.Now().Add(time.Hour), siti, "1", label.Added)
				add.Event.ReceivedAt = time.Now().UnixMilli() + 1
				w.record(add)
			}
		})
	})
	w.waha.set(budi, "1", true)
	w.record(w.hook(time.Now().Add(-time.Minute), budi, "1", label.Added))
	targets, err := r.Targets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	o := r.Twice(t.Context(), targets, ReasonCommand, func(Target, int) { told++ })[0]
	if o.Reads != 3 || told != 2 || o.Differences != 1 || o.Repaired != 1 || len(o.Open) != 0 {
		t.Errorf("%d told, %+v", told, o)
	}
	wantActive(t, w, "628120002 1")
}

// Labels that are all gone are gone, once every chat that had one says so twice.
func TestRead_everythingTakenOff(t *testing.T) {
	for _, engine := range []string{"GOWS", "NOWEB", "WEBJS", ""} {
		for name, end := range map[string]func(w *world){
			"from all chats":                 func(*world) {},
			"with the only label in use":     func(w *world) { delete(w.waha.labels, "1") },
			"with all labels but WhatsApp's": func(w *world) { w.waha.labels = map[string]string{"9": "\u200eUnread"} },
		} {
			t.Run(engine+" "+name, func(t *testing.T) {
				w := newWorld(t, engine, sqliteStore(t))
				for i := range 14 {
					w.happens(fmt.Sprintf("62812%04d@c.us", i), "1", true, true)
				}
				w.mustRead()
				w.pass(time.Hour)
				w.waha.truth = map[on]bool{}
				end(w)
				if res := w.twice(); res.Repaired != 14 || len(res.Open) != 0 {
					t.Errorf("%+v", res)
				}
				wantActive(t, w)
			})
		}
	}
}

// What the log learns after an agreement was not agreed on.
func TestRead_notBeforeWhatWasLearnedLater(t *testing.T) {
	for _, skew := range []time.Duration{0, 3 * time.Hour, -3 * time.Hour} {
		t.Run(fmt.Sprint("WAHA's clock is off by ", skew), func(t *testing.T) {
			w := newWorld(t, "GOWS", sqliteStore(t))
			w.waha.skew = skew
			late := w.hook(w.clock.Add(skew), siti, "1", label.Added) // on, and off again: neither is told
			w.pass(time.Hour)
			w.mustRead() // they agree: it is not on
			w.pass(time.Minute)
			late.Event.ReceivedAt = w.clock.UnixMilli()
			w.record(late)
			w.pass(time.Minute)
			w.twice()
			rows := w.log(label.FromSnapshot)
			if len(rows) != 1 || rows[0].NotBefore == nil || *rows[0].NotBefore != late.Event.At {
				t.Errorf("want not before %d, got %+v", late.Event.At, rows)
			}
		})
	}
}
