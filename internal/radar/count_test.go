package radar

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tandai/internal/inbox"
	"tandai/internal/pipeline"
	"tandai/internal/store"
)

// sink takes counts, or does not.
type sink struct {
	Store
	err  error
	rows map[activityKey]store.Activity
}

func (s *sink) AddActivity(_ context.Context, counts []store.Activity, _ []store.HeardHour) error {
	if s.err != nil {
		return s.err
	}
	for _, c := range counts {
		k := activityKey{c.Session, c.Hour}
		c.Events += s.rows[k].Events
		c.Minutes |= s.rows[k].Minutes
		s.rows[k] = c
	}
	return nil
}

func TestCounter(t *testing.T) {
	const hour = 498_720
	arrival := func(session, event string, minute int64, state inbox.State) pipeline.Arrival {
		return pipeline.Arrival{Session: session, Event: event, ReceivedAt: hour*hourMs + minute*minuteMs + 59_999, State: state}
	}
	c, s := newCounter(), &sink{rows: map[activityKey]store.Activity{}}
	c.observe([]pipeline.Arrival{
		arrival("cs1", "label.chat.added", 0, inbox.Done),
		arrival("cs1", "message.any", 0, inbox.Skipped), // a group's: the number hears
		arrival("cs1", "label.chat.added", 59, inbox.Quarantined),
		arrival("cs1", "session.status", 7, inbox.Done), // WAHA talks of itself
		arrival("two.cs1", "label.upsert", 60, inbox.Done),
		arrival("", "message", 3, inbox.Quarantined),
		arrival("no'session", "message", 3, inbox.Quarantined),
		{Session: "cs1", Event: "message"},
	})
	s.err = errors.New("away")
	if err := c.flush(t.Context(), s); !errors.Is(err, s.err) {
		t.Fatalf("flush: %v", err)
	}
	c.observe([]pipeline.Arrival{arrival("cs1", "message", 1, inbox.Done)})
	s.err = nil
	for range 2 {
		if err := c.flush(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	want := map[activityKey]store.Activity{
		{"cs1", hour}:         {Session: "cs1", Hour: hour, Events: 4, Minutes: 1<<59 | 0b11},
		{"two.cs1", hour + 1}: {Session: "two.cs1", Hour: hour + 1, Events: 1, Minutes: 1},
	}
	if diff := cmp.Diff(want, s.rows, cmp.AllowUnexported(activityKey{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Of everything that arrives nothing is counted twice or left out, however the
// database comes and goes; run with -race.
func TestCounter_concurrently(t *testing.T) {
	c, s := newCounter(), &sink{rows: map[activityKey]store.Activity{}}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range int64(2000) {
			c.observe([]pipeline.Arrival{{Session: "cs1", Event: "message", ReceivedAt: 1e12 + i*1000}})
		}
	}()
	rng := rand.New(rand.NewPCG(1, 2))
	for ended := false; !ended; {
		select {
		case <-done:
			ended = true
		default:
		}
		if s.err = nil; rng.IntN(2) == 0 {
			s.err = errors.New("away")
		}
		_ = c.flush(t.Context(), s)
	}
	s.err = nil
	if err := c.flush(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	sum := int64(0)
	for _, r := range s.rows {
		sum += r.Events
	}
	if sum != 2000 {
		t.Errorf("%d events counted, want 2000", sum)
	}
}

func TestListener(t *testing.T) {
	const start = 1_800_000_000_000 / minuteMs * minuteMs
	type beat struct{ now, upTo int64 } // seconds from start; upTo 0 = cannot hear
	for _, c := range []struct {
		name  string
		beats []beat
		want  []int64 // minutes heard, from start
	}{
		{"all along", []beat{{0, 0}, {1, 1}, {30, 30}, {59, 59}, {65, 65}, {100, 100}, {121, 121}, {140, 140}, {181, 181}}, []int64{1, 2}},
		{"from the first second", []beat{{0, -1}, {30, 30}, {61, 61}}, []int64{0}},
		{"the door was shut for a moment", []beat{{0, -1}, {30, 30}, {40, 0}, {45, 45}, {80, 80}, {110, 110}, {125, 125}}, []int64{1}},
		{"what came waits to be recorded", []beat{{0, -1}, {30, 10}, {60, 10}, {90, 10}, {120, 10}, {130, 130}}, []int64{0, 1}},
		{"the process stood still", []beat{{0, -1}, {30, 30}, {60, 60}, {600, 600}, {630, 630}, {661, 661}}, []int64{0, 10}},
		{"the clock was set back", []beat{{600, 600}, {630, 630}, {660, 660}, {60, 60}, {90, 90}, {121, 121}}, []int64{10, 1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l, got := &listener{}, Hours{}
			for _, b := range c.beats {
				upTo := start + b.upTo*1000
				switch b.upTo {
				case 0:
					upTo = 0
				case -1:
					upTo = start + b.now*1000
				}
				if from, to := l.beat(start+b.now*1000, upTo); to > from {
					got.MarkRange(from, to)
				}
			}
			want := Hours{}
			for _, m := range c.want {
				want.Mark(start + m*minuteMs)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
