package reconcile

import (
	"context"
	"slices"
	"testing"
	"time"

	"tandai/internal/label"
	"tandai/internal/store"
)

// patience is for what happens within milliseconds on a machine that is idle.
const patience = 60 * time.Second

// serving runs a service over a world whose clock is the real one, until the test
// ends.
func serving(t *testing.T, w *world, change ...func(*ServiceConfig)) *Service {
	t.Helper()
	w.waha.now = time.Now
	cfg := ServiceConfig{
		Reader: w.reader(func(c *Config) { c.Now, c.ConfirmAfter = time.Now, 50*time.Millisecond }),
		Settle: time.Millisecond, PollEvery: time.Hour,
	}
	for _, f := range change {
		f(&cfg)
	}
	s := NewService(cfg)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); s.Run(ctx) }()
	t.Cleanup(func() { stop(); <-ended })
	return s
}

// shows waits until the log shows what is wanted.
func (w *world) shows(want ...string) {
	w.t.Helper()
	var got []string
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if got = w.active(); slices.Equal(got, want) {
			return
		}
	}
	w.t.Fatalf("active %v, want %v", got, want)
}

// reasons are why sessions were read, once there are runs for all that are wanted.
func (w *world) reasons(want ...string) {
	w.t.Helper()
	var got []string
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		runs, err := w.store.Readings(w.t.Context(), "", 1000)
		if err != nil {
			w.t.Fatal(err)
		}
		got = nil
		for _, r := range runs {
			got = append(got, r.Reason)
		}
		if !slices.ContainsFunc(want, func(r string) bool { return !slices.Contains(got, r) }) {
			return
		}
	}
	w.t.Fatalf("read for %v, want %v", got, want)
}

func (f *fakeWAHA) becomes(status string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.session.Status = status
}

func TestService_startConfirmAndTriggers(t *testing.T) {
	w := newWorld(t, "GOWS", sqliteStore(t))
	w.waha.set(siti, "1", true)
	s := serving(t, w)
	w.shows("628120001 1")
	w.reasons(ReasonStart, ReasonConfirm)
	for i, reason := range []string{ReasonWorking, ReasonDeaf, ReasonGap, ReasonAmbiguous} {
		w.waha.set(budi, "1", i%2 == 0)
		if reason == ReasonGap {
			s.TriggerServer("", reason)
		} else {
			s.Trigger("cs1", reason)
		}
		if i%2 == 0 {
			w.shows("628120001 1", "628120002 1")
		} else {
			w.shows("628120001 1")
		}
		w.reasons(reason)
	}
}

func TestService_pollsWhereNoEventTells(t *testing.T) {
	w := newWorld(t, "WEBJS", sqliteStore(t))
	serving(t, w, func(c *ServiceConfig) { c.PollEvery = 50 * time.Millisecond })
	w.reasons(ReasonStart)
	w.waha.set(siti, "1", true)
	w.shows("628120001 1")
	w.reasons(ReasonPoll)
	w.waha.set(siti, "1", false)
	w.waha.set(budi, "1", true)
	w.shows("628120002 1")
}

func TestService_sessionThatDoesNotWork(t *testing.T) {
	w := newWorld(t, "NOWEB", sqliteStore(t))
	w.waha.becomes("STARTING")
	w.waha.set(siti, "1", true)
	s := serving(t, w)
	s.Trigger("cs1", ReasonDeaf)
	s.Trigger("nobody", ReasonDeaf)
	time.Sleep(50 * time.Millisecond)
	if runs, _ := w.store.Readings(t.Context(), "", 10); len(runs) != 0 {
		t.Errorf("it was read: %+v", runs)
	}
	w.waha.becomes(Working)
	s.Trigger("cs1", ReasonWorking)
	w.shows("628120001 1")
}

func TestService_daily(t *testing.T) {
	zone := time.FixedZone("WIB", 7*3600)
	s := NewService(ServiceConfig{DailyAt: 3*time.Hour + 30*time.Minute, Zone: zone})
	for now, want := range map[string]string{
		"2026-11-23T03:29:59+07:00": "2026-11-23T03:30:00+07:00",
		"2026-11-23T03:30:00+07:00": "2026-11-24T03:30:00+07:00",
		"2026-11-22T23:00:00Z":      "2026-11-24T03:30:00+07:00",
	} {
		at, _ := time.Parse(time.RFC3339, now)
		if got := s.nextDaily(at).Format(time.RFC3339); got != want {
			t.Errorf("after %s comes %s, want %s", now, got, want)
		}
	}
	var none *Service
	none.Trigger("cs1", ReasonDeaf) // where nothing is compared
	none.TriggerServer("", ReasonGap)
}

func TestService_confirmsWhenTheFirstNoteIsOldEnough(t *testing.T) {
	ago := func(d time.Duration) int64 { return epoch.Add(-d).UnixMilli() }
	for name, c := range map[string]struct {
		open []OpenOne
		want time.Duration // from now, less the margin; negative = not at all
	}{
		"seen in this read":                   {[]OpenOne{{Why: SeenOnce, NotedAt: ago(0)}}, after},
		"the read took four minutes":          {[]OpenOne{{Why: SeenOnce, NotedAt: ago(4 * time.Minute)}}, time.Minute},
		"seen by a read before":               {[]OpenOne{{Why: SeenOnce, NotedAt: ago(0)}, {Why: SeenOnce, NotedAt: ago(3 * time.Minute)}}, 2 * time.Minute},
		"old enough already":                  {[]OpenOne{{Why: SeenOnce, NotedAt: ago(time.Hour)}}, 0},
		"noted by a server whose clock is on": {[]OpenOne{{Why: SeenOnce, NotedAt: ago(-time.Hour)}}, after},
		"changed while it was read":           {[]OpenOne{{Why: Changed}, {Why: Undecided}}, after},
		"WAHA does not say":                   {[]OpenOne{{Why: Undecided}}, -1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "GOWS", nil)
			s := NewService(ServiceConfig{Reader: w.reader(), Now: w.now})
			s.confirm("cs1", Result{Open: c.open})
			var want time.Time
			if c.want >= 0 {
				want = epoch.Add(c.want + 20*time.Millisecond)
			}
			if got := s.charge("cs1").due; !got.Equal(want) {
				t.Errorf("due at %s, want %s", got, want)
			}
		})
	}
}

func TestTwice_sessionsWaitSideBySide(t *testing.T) {
	w := newWorld(t, "GOWS", sqliteStore(t))
	w.record(store.Input{Session: "cs1", At: time.Now().UnixMilli()})
	w.waha.set(siti, "1", true)
	w.waha.now = time.Now
	r := w.reader(func(c *Config) { c.Now, c.ConfirmAfter = time.Now, 100*time.Millisecond })
	targets, err := r.Targets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	all := r.Twice(t.Context(), targets, ReasonCommand, func(Target, int) { told++ })
	if len(all) != 1 || all[0].Reads != 2 || all[0].Repaired != 1 || all[0].Differences != 1 || len(all[0].Open) != 0 || told != 1 {
		t.Errorf("%+v", all)
	}
	if all = r.Twice(t.Context(), targets, ReasonCommand, nil); all[0].Reads != 1 || all[0].Differences != 0 {
		t.Errorf("where they agree, once is enough: %+v", all)
	}
	w.waha.set(siti, "1", false)
	ctx, stop := context.WithCancel(t.Context())
	all = r.Twice(ctx, targets, ReasonCommand, func(Target, int) { stop() })
	if all[0].Err == nil || all[0].Repaired != 0 {
		t.Errorf("stopped between the reads: %+v", all)
	}
	if rows := w.log(label.FromSnapshot); len(rows) != 1 {
		t.Errorf("%d rows", len(rows))
	}
}
