package wahasim

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func emit(n int) []Event {
	evs := make([]Event, n)
	for i := range evs {
		evs[i] = Event{At: int64(i), Body: []byte("{}")}
	}
	return evs
}

func TestFaults_Apply(t *testing.T) {
	const n = 20_000
	lost := map[int64]bool{}
	cfg := FaultsConfig{Seed: 7, Duplicate: 0.05, Reorder: 0.2, Displacement: 34, Loss: 0.02, OnLoss: func(ev Event) { lost[ev.At] = true }}
	got := slices.Collect(NewFaults(cfg).Apply(slices.Values(append(emit(n), Event{}))))

	times := map[int64]int{}
	global, backwards, furthest := 0, 0, 0
	for i, ev := range got {
		times[ev.At]++
		if ev.Hook == "global" {
			global++
		}
		if i > 0 && ev.At < got[i-1].At {
			backwards++
		}
	}
	for at := range int64(n) {
		switch {
		case times[at] == 0 && !lost[at]:
			t.Fatalf("event %d vanished", at)
		case times[at] != 0 && lost[at]:
			t.Fatalf("event %d was lost and delivered", at)
		case times[at] > 2:
			t.Fatalf("event %d came %d times", at, times[at])
		}
	}
	// Where an event would have been is its rank in the stream with duplicates
	// and without losses; equal events are interchangeable.
	straight := slices.Clone(got)
	slices.SortStableFunc(straight, func(a, b Event) int { return int(a.At - b.At) })
	place := map[int64][]int{}
	for i, ev := range straight {
		place[ev.At] = append(place[ev.At], i)
	}
	for i, ev := range got {
		furthest = max(furthest, abs(i-place[ev.At][0])-len(place[ev.At])+1)
	}
	within := func(what string, got int, share float64) {
		t.Helper()
		if f := float64(got) / n; f < share*0.85 || f > share*1.15 {
			t.Errorf("%s: %d of %d, want about %.0f", what, got, n, share*n)
		}
	}
	within("lost", len(lost), 0.02)
	within("twice", global, 0.05*0.98)
	if backwards < n/10 {
		t.Errorf("only %d of %d events come after a later one", backwards, n)
	}
	if furthest > 34 || furthest < 30 {
		t.Errorf("the furthest event is %d places off, want close to 34 and no more", furthest)
	}
}

func TestFaults_SameSeedSameFaults(t *testing.T) {
	run := func(seed uint64) (ats []int64) {
		f := NewFaults(FaultsConfig{Seed: seed, Duplicate: 0.1, Reorder: 0.5, Displacement: 5, Loss: 0.1})
		for range 2 { // the second stream goes on where the first stopped
			for ev := range f.Apply(slices.Values(emit(100))) {
				ats = append(ats, ev.At)
			}
		}
		return ats
	}
	a := run(1)
	if diff := cmp.Diff(a, run(1)); diff != "" {
		t.Error(diff)
	}
	if cmp.Equal(a, run(2)) {
		t.Error("another seed, the same faults")
	}
	if cmp.Equal(a[:90], a[len(a)-90:]) {
		t.Error("a second stream repeats the first")
	}
}

func TestFaults_None(t *testing.T) {
	got := slices.Collect(NewFaults(FaultsConfig{}).Apply(slices.Values(emit(50))))
	if diff := cmp.Diff(emit(50), got); diff != "" {
		t.Error(diff)
	}
	for ev := range NewFaults(FaultsConfig{Reorder: 1, Displacement: 10}).Apply(slices.Values(emit(50))) {
		if ev.At > 20 {
			t.Fatal("unreachable")
		}
		break // stopping early must not panic
	}
}

func TestFaults_Stamp(t *testing.T) {
	f := NewFaults(Measured(3))
	p, err := New(Config{Stamp: f.Stamp}).AddPhone(PhoneConfig{Session: "a", Engine: GOWS, Number: "62811"})
	if err != nil {
		t.Fatal(err)
	}
	const n = 5000
	shared, last := 0, int64(0)
	for i := range int64(n) {
		at := 1_795_399_000_000 + i // one event a millisecond
		ev := p.Label(at, budi, "1")
		if ev.At < last || ev.At > at || at-ev.At > 5 {
			t.Fatalf("an event of %d is stamped %d, the one before %d", at, ev.At, last)
		}
		if ev.At == last {
			shared++
		}
		last = ev.At
	}
	// Four in five, but no longer than 5 ms on end.
	if s := float64(shared) / n; s < 0.6 || s > 0.8 {
		t.Errorf("%.2f of neighbours share their millisecond", s)
	}
	if f.Stamp(last+1000) != last+1000 {
		t.Error("a lone event does not keep its time")
	}
}

func abs(i int) int { return max(i, -i) }
