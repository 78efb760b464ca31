package inbox

import (
	"path/filepath"
	"testing"
)

func TestSettled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "inbox.db")
	serve, err := Open(t.Context(), Config{Path: path, MinFreeBytes: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer serve.Close()
	beside, err := Open(t.Context(), Config{Path: path, MinFreeBytes: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer beside.Close()
	settled := func(what string, upTo int64, want bool) {
		t.Helper()
		for name, b := range map[string]*Inbox{"itself": serve, "beside": beside} {
			if got, err := b.Settled(t.Context(), upTo); err != nil || got != want {
				t.Errorf("%s, asked %s: settled up to %d is %v, %v; want %v", what, name, upTo, got, err, want)
			}
		}
	}
	settled("an empty inbox", 0, true)
	for i := range byte(3) {
		if _, err := serve.Put(t.Context(), Item{Key: [32]byte{i}, Session: "s", Event: "e", Body: []byte("{}")}); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := beside.Received(t.Context()); err != nil || n != 3 {
		t.Errorf("received %d, %v; want 3", n, err)
	}
	settled("nothing done", 1, false)
	done := func(seq int64, s State) {
		t.Helper()
		if err := serve.Settle(t.Context(), []Outcome{{Seq: seq, State: s, Reason: "why"}}); err != nil {
			t.Fatal(err)
		}
	}
	done(1, Done)
	settled("the first done", 1, true)
	settled("the first done", 2, false)
	done(3, Quarantined)
	settled("the second waits", 3, false)
	done(2, Skipped)
	settled("all done", 3, true)
	if _, err := serve.Requeue(t.Context(), Filter{States: []State{Quarantined}}); err != nil {
		t.Fatal(err)
	}
	settled("the last requeued", 2, true)
	settled("the last requeued", 3, false)
}
