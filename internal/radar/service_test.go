package radar

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandai/internal/store"
	"tandai/internal/waha/rest"
)

func want(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// talk has an event of cs1 every few minutes.
func (w *world) talk() func() {
	n := 0
	return func() {
		if n++; n%4 == 0 {
			w.event("cs1")
		}
	}
}

// A busy number goes silent at ten: it is found within two hours, once, whoever
// watches; and it is over when it speaks again.
func TestService_deaf(t *testing.T) {
	w := newWorld(t, nil)
	w.pass(2*time.Hour, w.talk())
	want(t, "while it talks", w.alarms(), []string(nil))
	if got := w.svc.known.models["cs1"].State; got != Ready {
		t.Fatalf("the model is %s", got)
	}
	silent := w.at
	foretold := w.svc.Hearing()
	for len(w.alarms()) == 0 && w.at.Sub(silent) < 3*time.Hour {
		w.pass(time.Minute)
	}
	took := w.at.Sub(silent)
	t.Logf("found after %v", took)
	if took > 2*time.Hour {
		t.Errorf("it took %v to find it", took)
	}
	if len(foretold) != 1 || foretold[0].State != Ready || foretold[0].LastAt != w.at.Add(-took).UnixMilli() {
		t.Fatalf("hearing %+v", foretold)
	}
	// Tomorrow's model may differ a little from the one it was foretold by.
	if off := w.at.UnixMilli() - foretold[0].AlarmAt; off < -10*minuteMs || off > 10*minuteMs {
		t.Errorf("foretold for %s, came at %s", time.UnixMilli(foretold[0].AlarmAt).In(jakarta), w.at)
	}
	if now := w.svc.Hearing(); !now[0].Deaf || now[0].AlarmAt != 0 {
		t.Errorf("hearing of a deaf number: %+v", now)
	}
	want(t, "found", w.alarms(), []string{"deaf cs1 since 10:00, WORKING"})

	w.svc = w.service(nil) // another server takes over; the lease of the first runs out
	w.pass(time.Hour)
	want(t, "another server raises no second one", w.alarms(), []string{"deaf cs1 since 10:00, WORKING"})
	w.pass(5*time.Minute, w.talk())
	want(t, "when it talks again", w.alarms(), []string{"deaf cs1 since 10:00, over: events"})
	want(t, "compared with WAHA", w.asks, []string{"cs1 deaf", "cs1 deaf"})
	want(t, "told", w.messages(), "alarm.raised alarm.cleared")

	var said struct {
		ID, Event string
		Alarm     map[string]any
		Text      map[string]string
	}
	if err := json.Unmarshal(w.told[0].Body, &said); err != nil {
		t.Fatal(err)
	}
	want(t, "kind", said.Alarm["kind"], any("deaf"))
	want(t, "session", said.Alarm["session"], any("cs1"))
	want(t, "state", said.Alarm["state"], any("open"))
	if len(said.ID) != 64 || said.ID != w.told[0].ID || w.told[0].ID == w.told[1].ID || said.Event != "alarm.raised" {
		t.Errorf("ids %s, %s", w.told[0].ID, w.told[1].ID)
	}
	if !strings.Contains(said.Text["en"], "since 2026-08-31 10:00") || !strings.Contains(said.Text["id"], "sejak 31/08/2026 10.00") {
		t.Errorf("text %q", said.Text)
	}
}

// Nobody listened for a while: that is no silence of the number.
func TestService_ownSilence(t *testing.T) {
	w := newWorld(t, nil)
	w.pass(2*time.Hour, w.talk())
	w.at = w.at.Add(5 * time.Hour) // the machine was off
	w.pass(10 * time.Minute)
	want(t, "after five hours off", w.alarms(), []string(nil))
	w.svc.cfg.Recorded = func(context.Context) int64 { return 0 } // the disk is full
	w.pass(3 * time.Hour)
	want(t, "with a door that is shut", w.alarms(), []string(nil))
	since := w.at
	w.svc.cfg.Recorded = func(context.Context) int64 { return since.UnixMilli() } // a backlog
	w.pass(2 * time.Hour)
	want(t, "while what came waits to be recorded", w.alarms(), []string(nil))
	w.at = w.at.Add(-6 * time.Hour) // the clock was set back
	w.pass(5 * time.Minute)
	want(t, "with a clock that was set back", w.alarms(), []string(nil))
}

// NOWEB without a network says STARTING every two seconds: one alarm, since the first.
func TestService_notWorking(t *testing.T) {
	w := newWorld(t, nil)
	w.pass(10*time.Minute, w.talk())
	w.status("cs1", "STARTING")
	again := func() { w.status("cs1", "STARTING") }
	w.pass(4*time.Minute, again)
	want(t, "within the grace", w.alarms(), []string(nil))
	w.pass(3*time.Hour, again)
	want(t, "once, and the silence is not another", w.alarms(), []string{"session cs1 since 08:11, STARTING"})
	w.status("cs1", "SCAN_QR_CODE")
	w.pass(2 * time.Minute)
	want(t, "another status", w.alarms(), []string{"session cs1 since 08:11, SCAN_QR_CODE"})
	w.status("cs1", "WORKING")
	w.pass(time.Minute)
	want(t, "for a moment", w.alarms(), []string{"session cs1 since 08:11, SCAN_QR_CODE"})
	w.pass(4*time.Minute, w.talk())
	want(t, "over", w.alarms(), []string{"session cs1 since 08:11, over: working"})
	w.pass(20 * time.Minute)
	want(t, "the silence before it came back does not count", w.alarms(), []string{"session cs1 since 08:11, over: working"})
	want(t, "told", w.messages(), "alarm.raised alarm.cleared")
}

// What comes and goes every ten minutes is told of a few times, not a hundred.
func TestService_flapping(t *testing.T) {
	w := newWorld(t, nil)
	talk := w.talk()
	for range 60 { // for ten hours
		w.status("cs1", "FAILED")
		w.pass(6*time.Minute, talk)
		w.status("cs1", "WORKING")
		w.pass(4*time.Minute, talk)
	}
	if got := w.alarms(); len(got) != 1 || !strings.HasSuffix(got[0], "flaps 2") && !strings.HasSuffix(got[0], "flaps 1") {
		t.Errorf("alarms %q", got)
	}
	if len(w.told) > 6 {
		t.Errorf("told %d times: %s", len(w.told), w.messages())
	}
	w.pass(70*time.Minute, talk)
	if got := w.alarms(); len(got) != 1 || !strings.Contains(got[0], "over: working") {
		t.Errorf("when it is calm: %q", got)
	}
}

func TestService_wahaGone(t *testing.T) {
	f := &fakeWAHA{started: 1_780_000_000_000, sessions: map[string]string{"cs1": "WORKING"}}
	w := newWorld(t, func(c *Config) { c.Servers = []Server{{API: f}} })
	w.pass(10*time.Minute, w.talk())
	f.set(func() { f.down = errDown })
	w.pass(2 * time.Minute)
	want(t, "within the grace", w.alarms(), []string(nil))
	w.pass(4 * time.Hour)
	want(t, "one alarm, of WAHA and not of its sessions", w.alarms(), []string{"waha  since 08:11"})
	f.set(func() { f.down, f.started = nil, 1_780_000_900_000 })
	w.pass(time.Minute)
	want(t, "it was restarted: compared at once", w.asks, []string{"cs1 start"})
	w.pass(4*time.Minute, w.talk())
	want(t, "over", w.alarms(), []string{"waha  since 08:11, over: answers"})
	f.set(func() { f.started += 900 }) // the same start, reckoned a little otherwise
	n := len(w.asks)
	w.pass(2*time.Minute, w.talk())
	want(t, "not restarted", len(w.asks), n)
	f.set(func() { f.sessions["cs1"] = "FAILED" })
	w.pass(8*time.Minute, w.talk())
	want(t, "what WAHA answers counts, also where no event came", w.alarms(), []string{"waha  since 08:11, over: answers", "session cs1 since 12:20, FAILED"})
	f.set(func() { delete(f.sessions, "cs1") })
	w.pass(10 * time.Minute)
	want(t, "removed from WAHA", w.alarms()[1], "session cs1 since 12:20, over: removed")
	w.svc = w.service(nil) // another configuration: WAHA is asked no more
	f.set(func() { f.down = errDown })
	w.pass(4 * time.Minute)
	want(t, "at the end", len(w.alarms()), 2)
}

// A wrong key is no WAHA that is gone.
func TestService_wrongKey(t *testing.T) {
	f := &denied{fakeWAHA{}}
	w := newWorld(t, func(c *Config) { c.Servers = []Server{{API: f}} })
	w.pass(10*time.Minute, w.talk())
	want(t, "alarms", w.alarms(), []string(nil))
}

type denied struct{ fakeWAHA }

func (*denied) ServerStatus(context.Context) (rest.ServerStatus, error) {
	return rest.ServerStatus{}, rest.ErrUnauthorized
}
func (*denied) Sessions(context.Context) ([]rest.Session, error) { return nil, rest.ErrUnauthorized }

func TestService_restart(t *testing.T) {
	f := &fakeWAHA{started: 1, sessions: map[string]string{"cs1": "WORKING"}}
	f.onStart = func(name string) { f.sessions[name] = "WORKING" }
	recovered := 0
	w := newWorld(t, func(c *Config) {
		c.Servers = []Server{{Name: "one", API: f}}
		c.Restart = Restart{Enabled: true, PerDay: 2, Pause: time.Hour}
		c.Reconcile = func(_ context.Context, session, reason string) (int, error) {
			if session != "cs1" || reason != "deaf" {
				t.Errorf("asked to reconcile %s for %s", session, reason)
			}
			recovered++
			return 4, nil
		}
	})
	w.pass(2*time.Hour, w.talk())
	for len(w.alarms()) == 0 {
		w.pass(time.Minute)
	}
	w.pass(30 * time.Minute)
	want(t, "restarted once", f.restarts, []string{"cs1"})
	all, err := w.db.OpenAlarms(t.Context())
	if err != nil || len(all) != 1 {
		t.Fatalf("%d open, %v", len(all), err)
	}
	if a := all[0]; a.Restarts != 1 || a.Detail.Restart != "done" || a.Detail.Recovered == nil || *a.Detail.Recovered != 4 {
		t.Errorf("alarm %+v", a)
	}
	w.pass(6 * time.Hour)
	want(t, "once more after the pause, and not a third time that day", f.restarts, []string{"cs1", "cs1"})
	want(t, "compared after each", recovered, 2)
	want(t, "told", w.messages(), "alarm.raised alarm.recovered alarm.recovered")
	if text := string(w.told[2].Body); !strings.Contains(text, "Recovered 8 labels.") || !strings.Contains(text, "8 label dipulihkan.") {
		t.Errorf("said %s", text)
	}
	w.pass(5*time.Minute, w.talk())
	want(t, "over", w.alarms(), []string{"deaf cs1 since 10:00, over: events"})
	want(t, "compared when it talks again", recovered, 3)
}

// Restarting is off unless it is switched on, and a failure is told.
func TestService_restartRefused(t *testing.T) {
	for _, enabled := range []bool{false, true} {
		f := &fakeWAHA{started: 1, sessions: map[string]string{"cs1": "WORKING"}}
		refusing := &refuses{f}
		w := newWorld(t, func(c *Config) {
			c.Servers = []Server{{API: refusing}}
			c.Restart = Restart{Enabled: enabled, PerDay: 3, Pause: time.Hour}
		})
		w.pass(2*time.Hour, w.talk())
		for len(w.alarms()) == 0 {
			w.pass(time.Minute)
		}
		w.pass(5 * time.Minute)
		open, err := w.db.OpenAlarms(t.Context())
		if err != nil || len(open) != 1 {
			t.Fatalf("%d open, %v", len(open), err)
		}
		asked := len(f.restarts)
		if want := map[bool]int{true: 1}[enabled]; asked != want || open[0].Restarts != want {
			t.Errorf("enabled %v: restarted %d times, noted %d", enabled, asked, open[0].Restarts)
		}
		if enabled && !strings.Contains(open[0].Detail.Restart, "lacks a right") {
			t.Errorf("noted %q", open[0].Detail.Restart)
		}
		want(t, "compared all the same", w.asks, []string{"cs1 deaf"})
	}
}

type refuses struct{ *fakeWAHA }

func (r *refuses) RestartSession(ctx context.Context, name string) error {
	_ = r.fakeWAHA.RestartSession(ctx, name)
	return rest.ErrForbidden
}

// What could not be handed on is tried again, under the same id.
func TestService_tellsAgain(t *testing.T) {
	w := newWorld(t, nil)
	w.fail = errors.New("no outbox")
	w.status("cs1", "FAILED")
	w.pass(10*time.Minute, w.talk())
	want(t, "told", w.messages(), "")
	w.fail = nil
	w.pass(3*time.Minute, w.talk())
	want(t, "told", w.messages(), "alarm.raised")
	w.pass(3 * time.Minute)
	want(t, "told once", len(w.told), 1)
}

// Of two servers one watches; when it stops the other goes on at once.
func TestService_twoServers(t *testing.T) {
	w := newWorld(t, nil)
	other := w.service(nil)
	w.status("cs1", "FAILED")
	one := w.svc
	both := func() {
		if err := other.lookOnce(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	w.pass(10*time.Minute, both)
	if one.holds == other.holds {
		t.Errorf("both watch, or neither: %v", one.holds)
	}
	want(t, "alarms", len(w.alarms()), 1)
	want(t, "told", w.messages(), "alarm.raised")
	if !one.holds {
		one, other = other, one
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if err := one.Run(stopped); err != nil { // ends at once, and gives its lease back
		t.Fatal(err)
	}
	if err := other.lookOnce(t.Context()); err != nil || !other.holds {
		t.Errorf("the other watches: %v, %v", other.holds, err)
	}
}

// What was counted is written when the service ends.
func TestService_lastWords(t *testing.T) {
	w := newWorld(t, nil)
	w.event("cs9")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := w.svc.Run(ctx); err != nil {
		t.Fatal(err)
	}
	var seen []string
	if err := w.db.ActivitySince(t.Context(), w.at.UnixMilli()/hourMs, func(a store.Activity) error { seen = append(seen, a.Session); return nil }); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(seen, "cs9") {
		t.Errorf("written: %q", seen)
	}
}

// A session on the ignore list is not watched, and of two servers' sessions each is
// asked of its own.
func TestService_serversAndIgnored(t *testing.T) {
	one := &fakeWAHA{started: 1, sessions: map[string]string{"cs1": "WORKING"}}
	two := &fakeWAHA{started: 1, sessions: map[string]string{"cs1": "FAILED", "test": "STOPPED"}}
	w := newWorld(t, func(c *Config) {
		c.Servers = []Server{{Name: "one", API: one}, {Name: "two", Prefix: "two.", API: two}}
		c.Ignored = func(s string) bool { return s == "two.test" }
	})
	w.status("two.cs1", "WORKING")
	w.status("two.test", "WORKING")
	w.pass(10*time.Minute, w.talk())
	want(t, "alarms", w.alarms(), []string{"session two.cs1 since 08:01, FAILED"})
}

// Events that Tandai fetches cannot come in while its websocket is away.
func TestService_websocketAway(t *testing.T) {
	connected := true
	w := newWorld(t, func(c *Config) { c.Servers = []Server{{Connected: func() bool { return connected }}} })
	w.pass(2*time.Hour, w.talk())
	connected = false
	w.pass(4 * time.Hour)
	want(t, "while it is away", w.alarms(), []string(nil))
	connected = true
	w.pass(2 * time.Hour)
	want(t, "and when it is back, and the number still silent", w.alarms(), []string{"deaf cs1 since 10:00, WORKING"})
}
