package inbox

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// What was recorded before a doubt stays within reach however long afterwards the
// next is recorded, also in the next process, until the doubt is over.
func TestDoubt(t *testing.T) {
	c, path := newClock(), newPath(t)
	config := func(cfg *Config) { cfg.Now = c.Now }
	b := open(t, path, config)
	doubt := func() {
		t.Helper()
		if err := b.Doubt(t.Context(), time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	want := func(seqs ...int64) {
		t.Helper()
		if diff := cmp.Diff(seqs, recorded(t, b, time.Hour, 1)); diff != "" {
			t.Errorf("recorded lately (-want +got):\n%s", diff)
		}
	}
	for n := range 3 {
		put(t, b, item(n))
	}
	doubt() // about nothing

	settle(t, b, Done, "", 1)
	c.move(5 * time.Hour)
	doubt()
	settle(t, b, Done, "", 2)
	want(1, 2)

	c.move(5 * time.Hour)
	doubt() // the first one stands
	settle(t, b, Done, "", 3)
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	b = open(t, path, config)
	want(1, 2, 3)

	if err := b.Trust(t.Context()); err != nil {
		t.Fatal(err)
	}
	want(3)
}

// What is skipped or in quarantine counts where the store holds something of it.
func TestRecordedWithin_Stored(t *testing.T) {
	b := open(t, newPath(t), nil)
	for n := range 4 {
		put(t, b, item(n))
	}
	err := b.Settle(t.Context(), []Outcome{
		{Seq: 1, State: Skipped, Reason: "x"}, {Seq: 2, State: Skipped, Reason: "x", Stored: true},
		{Seq: 3, State: Quarantined, Reason: "y", Stored: true}, {Seq: 4, State: Done},
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int64{2, 3, 4}, recorded(t, b, time.Hour, 10)); diff != "" {
		t.Errorf("recorded lately (-want +got):\n%s", diff)
	}
}
