package reconcile

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tandai/internal/store"
	"tandai/internal/waha/rest"
)

func hiddenOne(i int) string { return fmt.Sprintf("201%05d@lid", i) }

// hidden has WAHA show a label on people it tells by hidden ids, and know whose
// they are.
func (w *world) hidden(n int) {
	w.mustRead()
	for i := range n {
		w.waha.set(hiddenOne(i), "1", true)
		w.waha.lids[hiddenOne(i)] = fmt.Sprintf("62813%05d", i)
	}
	w.pass(after)
}

func TestPeople_asksAgainWhereWAHAStumbles(t *testing.T) {
	w := newWorld(t, "GOWS", sqliteStore(t))
	w.hidden(5)
	n := map[string]int{}
	w.waha.badLid = func(h string) error {
		n[h]++
		switch {
		case n[h] == 1: // the first time, every one
			return fmt.Errorf("%w: 500", rest.ErrServer)
		case h == hiddenOne(0) || h == hiddenOne(1): // and these always
			return fmt.Errorf("%w: 500", rest.ErrServer)
		}
		return nil
	}
	w.twice()
	want := []string{hiddenOne(0) + " 1", hiddenOne(1) + " 1", "6281300002 1", "6281300003 1", "6281300004 1"}
	if diff := cmp.Diff(want, w.active()); diff != "" {
		t.Errorf("active (-want +got):\n%s", diff)
	}
}

func TestPeople_listInShortPages(t *testing.T) {
	w := newWorld(t, "GOWS", sqliteStore(t))
	w.hidden(250)
	w.waha.lidsMost = 100
	w.twice()
	if w.waha.calls["lid"] != 0 {
		t.Errorf("asked one by one: %v", w.waha.calls)
	}
	if diff := cmp.Diff(w.truth(), w.active()); diff != "" {
		t.Error(diff)
	}
}

// Rows that were recorded while nobody could be looked up get their phones from a
// later run, though nothing differs any more.
func TestFillIn(t *testing.T) {
	for _, n := range []int{1, 5, 60} {
		t.Run(fmt.Sprint(n, " people"), func(t *testing.T) {
			onBoth(t, func(t *testing.T, open func(testing.TB) store.Store) {
				w := newWorld(t, "GOWS", open(t))
				w.hidden(n)
				w.waha.badLid = func(string) error { return fmt.Errorf("%w: 500", rest.ErrServer) }
				if res := w.twice(); res.Repaired != n {
					t.Fatalf("%+v", res)
				}
				r := w.reader()
				targets, err := r.Targets(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if err := r.FillIn(t.Context(), targets[0]); !errors.Is(err, rest.ErrServer) {
					t.Errorf("while WAHA fails: %v", err)
				}
				w.waha.badLid = nil
				delete(w.waha.lids, hiddenOne(0)) // one nobody knows
				if res := w.mustRead(); res.Differences != 0 {
					t.Errorf("%+v", res)
				}
				for range 2 {
					if err := r.FillIn(t.Context(), targets[0]); err != nil {
						t.Error(err)
					}
				}
				if diff := cmp.Diff(w.truth(), w.active()); diff != "" {
					t.Errorf("active (-want +got):\n%s", diff)
				}
			})
		})
	}
}
