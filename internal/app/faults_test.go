package app

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"tandai/internal/config"
	"tandai/internal/store"
	"tandai/internal/waha/wahasim"
)

// fault is one way WAHA is known to misbehave, and what Tandai makes of it: either
// it comes to the truth, or it says that it cannot know it.
type fault struct {
	fault  wahasim.Fault
	source string // the issues of the WAHA project, or where else it is known from
	name   string // what becomes of it
	ward   wardOptions
	run    func(w *ward)
}

// TestFaults has every fault of the simulator against a Tandai that serves. Each is
// named with the issue of the WAHA project it comes from.
func TestFaults(t *testing.T) {
	cases := slices.Concat(deliveryFaults(), sessionFaults(), answerFaults())
	for _, f := range wahasim.AllFaults() {
		if !slices.ContainsFunc(cases, func(c fault) bool { return c.fault == f }) {
			t.Errorf("no case for %s", f)
		}
	}
	for _, c := range cases {
		t.Run(string(c.fault)+" "+c.source+" "+c.name, func(t *testing.T) {
			t.Parallel()
			c.run(newWard(t, c.ward))
		})
	}
}

// deliveryFaults are of events on their way.
func deliveryFaults() []fault {
	gows, noweb := wardOptions{engine: wahasim.GOWS}, wardOptions{engine: wahasim.NOWEB}
	return []fault{
		{wahasim.Lost, "#2255 #98", "two reconciliations find what was lost", gows, func(w *ward) {
			w.day()
			w.brk(wahasim.Trouble{Fault: wahasim.Lost, Share: 0.4})
			w.work(80)
			w.repaired("40 % were lost")
			if w.rows("snapshot") == 0 {
				w.t.Error("nothing had to be repaired: this proves nothing")
			}
		}},
		{wahasim.Doubled, "#627 #1564", "the second is known", noweb, func(w *ward) {
			w.day()
			before := w.rows()
			w.brk(wahasim.Trouble{Fault: wahasim.Doubled})
			w.work(40)
			w.arrived()
			w.healthy("everything came twice")
			if n := w.rows() - before; n > 40 {
				w.t.Errorf("%d rows of 40 changes", n)
			}
			if n := w.metric(`tandai_intake_requests_total{result="known"}`); n < 40 {
				w.t.Errorf("%v were known", n)
			}
		}},
		{wahasim.Reordered, "waha.md 1, ordering", "the order of arrival does not matter", gows, func(w *ward) {
			w.day()
			w.brk(wahasim.Trouble{Fault: wahasim.Reordered})
			var burst []wahasim.Event
			for range 100 {
				if w.draw.IntN(3) == 0 {
					burst = append(burst, w.phone.Unlabel(w.at(), somebody(w.draw.IntN(5)), "1"))
				} else {
					burst = append(burst, w.phone.Label(w.at(), somebody(w.draw.IntN(5)), "1"))
				}
			}
			w.node.Emit(burst...)
			w.arrived()
			w.healthy("a burst out of order")
			if n := w.rows("snapshot"); n != 0 {
				w.t.Errorf("%d repairs, though nothing was lost", n)
			}
		}},
		{wahasim.DoubleHook, "#1384", "the state is right, and doctor tells of it", gows, func(w *ward) {
			w.brk(wahasim.Trouble{Fault: wahasim.DoubleHook})
			w.day()
			w.says("everything seems to come twice")
		}},
		{wahasim.Deaf, "#2151 #1717 #925", "a reconciliation finds what the session does not tell; what comes late changes nothing", gows, func(w *ward) {
			w.day()
			w.brk(wahasim.Trouble{Fault: wahasim.Deaf})
			before := w.rows()
			w.work(60)
			w.arrived()
			if n := w.rows(); n != before {
				w.t.Fatalf("%d rows though it is deaf", n-before)
			}
			w.repaired("deaf")
			if w.rows("snapshot") == 0 {
				w.t.Error("nothing had to be repaired: this proves nothing")
			}
			w.work(20)
			w.restart() // and all of it comes at once
			w.repaired("restarted")
		}},
		{wahasim.Deaf, "#2151 #1717 #925", "its silence is noticed, it is restarted through WAHA, and what it did not tell is recovered", heardForWeeks(), func(w *ward) {
			w.await("the silence is noticed", func() bool { return w.metric(`tandai_alarms_raised_total{kind="deaf"}`) == 1 })
			var recovered int
			w.await("labels are recovered", func() bool {
				alarms, err := w.r.server.store.(store.AlarmReader).RecentAlarms(w.t.Context(), 0, 10)
				must(w.t, err)
				if len(alarms) != 1 || alarms[0].Detail.Recovered == nil {
					return false
				}
				recovered = *alarms[0].Detail.Recovered
				return true
			})
			if want, _ := w.shown(); recovered != len(want) {
				w.t.Errorf("%d recovered of %d\n%s", recovered, len(want), w.r.log)
			}
			if n := w.metric(`tandai_radar_restarts_total{result="ok"}`); n != 1 {
				w.t.Errorf("%v restarts", n)
			}
			w.healthy("restarted")
		}},
		{wahasim.Phantom, "#1875", "what nobody did is taken back", gows, func(w *ward) {
			w.day()
			w.brk(wahasim.Trouble{Fault: wahasim.Phantom, Share: 0.4})
			w.work(60)
			w.repaired("phantoms among them")
			if w.rows("snapshot") == 0 {
				w.t.Error("nothing had to be repaired: this proves nothing")
			}
		}},
	}
}

// heardForWeeks is a number that was busy day and night for weeks, and has been
// silent for hours; what it did not tell is lost when it is restarted.
func heardForWeeks() wardOptions {
	return wardOptions{
		engine: wahasim.GOWS, look: 50 * time.Millisecond, yaml: "radar: {restart: true, holidays: none}\n",
		change: func(c *config.Config) { c.Reconcile.ConfirmAfter = 4 * time.Second }, // the session's return is confirmed before the radar's read is
		prepared: func(w *ward) {
			w.brk(wahasim.Trouble{Fault: wahasim.Deaf}, wahasim.Trouble{Fault: wahasim.Lost})
			w.labels()
			w.work(40)
			db, err := OpenStore(w.cfg)
			must(w.t, err)
			defer db.Close()
			_, err = Prepare(w.t.Context(), db, w.cfg)
			must(w.t, err)
			var counts []store.Activity
			var heard []store.HeardHour
			const weeks, silent, everyMinute = 6 * 7 * 24, 8, 1<<60 - 1
			now := time.Now().UnixMilli() / time.Hour.Milliseconds()
			for hour := now - weeks; hour <= now; hour++ {
				heard = append(heard, store.HeardHour{Hour: hour, Minutes: everyMinute})
				if hour < now-silent {
					counts = append(counts, store.Activity{Session: "cs1", Hour: hour, Events: 20, Minutes: everyMinute / 7}) // 100100…: one in three
				}
			}
			must(w.t, db.(radarStore).AddActivity(w.t.Context(), counts, heard))
			_, err = db.Record(w.t.Context(), []store.Input{{Session: "cs1", At: time.Now().Add(-24 * time.Hour).UnixMilli(), Status: wahasim.StatusWorking}})
			must(w.t, err)
		},
	}
}

// sessionFaults are of the phone's side and of WAHA's process.
func sessionFaults() []fault {
	gows, noweb := wardOptions{engine: wahasim.GOWS}, wardOptions{engine: wahasim.NOWEB}
	impatient := func(engine wahasim.Engine) wardOptions {
		return wardOptions{engine: engine, look: 50 * time.Millisecond, started: time.Minute, change: func(c *config.Config) {
			c.Radar.SessionGrace, c.Radar.WAHAGrace = time.Millisecond, time.Millisecond // less than anybody may configure
		}}
	}
	return []fault{
		{wahasim.IgnoresPhone, "#1361", "nothing is made up, and the truth is there once WAHA has it", noweb, func(w *ward) {
			w.day()
			w.repaired("all hidden ids are known")
			w.brk(wahasim.Trouble{Fault: wahasim.IgnoresPhone})
			before := w.known()
			w.work(40)
			w.arrived()
			w.reconcile()
			w.reconcile()
			if got := w.known(); !slices.Equal(got, before) {
				w.t.Errorf("what WAHA does not know changed what is known: %v, want %v", got, before)
			}
			w.node.Mend(wahasim.IgnoresPhone)
			w.repaired("WAHA has the phone's labels")
		}},
		{wahasim.ForgetsHooks, "#1136", "doctor says that no hook leads here; a reconciliation finds what was not sent", gows, func(w *ward) {
			w.day()
			w.brk(wahasim.Trouble{Fault: wahasim.ForgetsHooks, Times: 1})
			w.restart()
			before := w.rows()
			w.work(40)
			w.arrived()
			if n := w.rows(); n != before {
				w.t.Fatalf("%d rows came without a hook", n-before)
			}
			w.says("none of its hooks leads here")
			w.repaired("without hooks")
		}},
		{wahasim.StartingLoop, "waha.md 5, session.status", "an alarm and doctor say that it does not work; the truth is there when it does", impatient(wahasim.NOWEB), func(w *ward) {
			w.day()
			w.brk(wahasim.Trouble{Fault: wahasim.StartingLoop, Delay: 20 * time.Millisecond})
			w.work(30)
			w.await("there is an alarm", func() bool { return w.metric(`tandai_alarms_open{kind="session"}`) == 1 })
			w.says("session cs1 since", "the session is STARTING, not WORKING")
			if done := w.reconcile(); done.Failed != 1 || done.Done() {
				w.t.Errorf("a session that does not work was compared: %+v", done)
			}
			w.node.Mend(wahasim.StartingLoop)
			w.repaired("it works again")
		}},
		{wahasim.PairingStorm, "#1826", "the history is what was there already", noweb, func(w *ward) {
			w.day()
			before := w.rows()
			w.brk(wahasim.Trouble{Fault: wahasim.PairingStorm})
			w.arrived()
			w.healthy("paired anew")
			w.repaired("paired anew")
			want, _ := w.shown()
			if n := w.rows("snapshot"); n != 0 {
				w.t.Errorf("%d repairs of %d labels, %d rows more", n, len(want), w.rows()-before)
			}
		}},
		{wahasim.ProcessRestart, "waha.md 1, durability", "the restart is noticed, and what it lost is found without being told to", impatient(wahasim.GOWS), func(w *ward) {
			w.day()
			w.await("the radar has seen WAHA", func() bool { return w.starts.Load() > 1 })
			// A proxy that is down: WAHA tries again, in memory.
			must(w.t, w.node.Configure("cs1", w.hook("http://127.0.0.1:1/webhooks/waha")))
			w.work(40)
			w.brk(wahasim.Trouble{Fault: wahasim.ProcessRestart})
			must(w.t, w.node.Configure("cs1", w.hook(w.r.base+"/webhooks/waha")))
			w.healthy("nobody asked for it")
			if !strings.Contains(w.r.log.String(), "WAHA was restarted") {
				w.t.Errorf("it is not in the log:\n%s", w.r.log)
			}
		}},
		{wahasim.TwoLIDs, "#2178", "both ids are the labels' they carry, and one person where WAHA can tell", gows, func(w *ward) {
			w.brk(wahasim.Trouble{Fault: wahasim.TwoLIDs, Share: 0.5})
			w.day()
			w.work(60)
			w.repaired("two hidden ids")
		}},
	}
}

// answerFaults are of what REST answers.
func answerFaults() []fault {
	gows, noweb := wardOptions{engine: wahasim.GOWS}, wardOptions{engine: wahasim.NOWEB}
	return []fault{
		{wahasim.Stale, "#1577", "what was wrong while it was stale is right afterwards", noweb, func(w *ward) {
			w.day()
			w.brk(wahasim.Trouble{Fault: wahasim.Stale})
			w.work(40)
			w.arrived()
			w.reconcile()
			w.node.Mend(wahasim.Stale)
			w.repaired("it is stale no more")
		}},
		{wahasim.LiesOnce, "#1577 #1699", "one lie changes nothing", wardOptions{engine: wahasim.GOWS, change: func(c *config.Config) {
			c.Reconcile.Enabled = false // only the command is to be lied to
		}}, func(w *ward) {
			w.day()
			w.repaired("before it lies")
			before := w.rows()
			seen := false
			for range 20 { // who looks up names may be lied to instead
				w.brk(wahasim.Trouble{Fault: wahasim.LiesOnce, Share: 0.5})
				done := w.reconcile()
				if done.Repaired != 0 || !done.Done() {
					w.t.Errorf("%+v, want that the second read confirms nothing", done)
				}
				if seen = done.Differences > 0; seen {
					break
				}
			}
			if !seen {
				w.t.Error("no lie was seen")
			}
			if n := w.rows(); n != before {
				w.t.Errorf("%d rows more", n-before)
			}
			w.healthy("after a lie")
		}},
		{wahasim.StoreOff, "waha.md 3, NowebInMemoryStore.ts", "doctor and reconcile say so; nothing known is lost, and the truth is there with the store", noweb, func(w *ward) {
			w.day()
			w.repaired("all hidden ids are known")
			before := w.known()
			w.brk(wahasim.Trouble{Fault: wahasim.StoreOff})
			w.work(30)
			w.arrived()
			w.says("NOWEB store") // what WAHA answers to who asks for labels
			whole := string(w.node.Configured("cs1"))
			must(w.t, w.node.Configure("cs1", strings.Replace(whole, `"enabled":true`, `"enabled":false`, 1)))
			w.says("NOWEB without its store sends no label events at all")
			must(w.t, w.node.Configure("cs1", whole))
			if done := w.reconcile(); done.Failed != 1 || done.Done() {
				w.t.Errorf("a session without store was compared: %+v", done)
			}
			if got := w.known(); !slices.Equal(got, before) {
				w.t.Errorf("what WAHA does not know changed what is known: %v, want %v", got, before)
			}
			w.node.Mend(wahasim.StoreOff)
			w.repaired("with its store")
		}},
		{wahasim.NoLabels, "#2113", "doctor says so, and nothing is taken off", noweb, func(w *ward) {
			w.day()
			w.brk(wahasim.Trouble{Fault: wahasim.NoLabels})
			w.says("tells no label of session cs1")
			w.reconcile()
			w.reconcile()
			w.healthy("no labels listed")
			w.node.Mend(wahasim.NoLabels)
			w.work(20)
			w.repaired("labels listed again")
		}},
		{wahasim.ChatWithoutLabels, "#1370 #1308", "what the lists show is enough", noweb, func(w *ward) {
			w.day()
			w.brk(wahasim.Trouble{Fault: wahasim.ChatWithoutLabels}, wahasim.Trouble{Fault: wahasim.Lost, Share: 0.5})
			w.work(50)
			w.repaired("chats show no labels")
		}},
		{wahasim.LabelWithoutChats, "#1184", "an empty list takes nothing off; what the chats themselves show counts", noweb, func(w *ward) {
			w.day()
			w.brk(wahasim.Trouble{Fault: wahasim.LabelWithoutChats})
			w.reconcile()
			w.reconcile()
			w.healthy("labels without chats")
			w.brk(wahasim.Trouble{Fault: wahasim.Lost})
			for n := range people { // removals are seen by asking each chat
				w.node.Emit(w.phone.Unlabel(w.at(), somebody(n), "1"))
			}
			w.repaired("labels taken off unheard")
			for n := range people / 2 {
				w.node.Emit(w.phone.Label(w.at(), somebody(n), "1"))
			}
			w.node.Mend(wahasim.LabelWithoutChats)
			w.repaired("the lists are back")
		}},
		{wahasim.ChatsMissing, "#1184", "what no list has is not taken off, and read from the chat", noweb, func(w *ward) {
			w.day()
			w.brk(wahasim.Trouble{Fault: wahasim.ChatsMissing, Share: 0.5})
			w.reconcile()
			w.reconcile()
			w.healthy("half of the chats are in no list")
			w.brk(wahasim.Trouble{Fault: wahasim.Lost})
			for n := range people {
				w.node.Emit(w.phone.Unlabel(w.at(), somebody(n), "2"))
			}
			w.repaired("labels taken off unheard")
			w.work(30)
			w.node.Mend(wahasim.ChatsMissing)
			w.repaired("the lists are whole")
		}},
		{wahasim.LidsNull, "#1712", "leads stay known by their hidden id, and are counted", gows, func(w *ward) {
			w.brk(wahasim.Trouble{Fault: wahasim.LidsNull, Share: 0.5})
			w.day()
			w.work(30)
			w.repaired("half of the hidden ids are nobody's")
			want, _ := w.shown()
			hidden := map[string]bool{}
			for _, one := range want {
				if lead, _, isHidden := strings.Cut(one, "@lid"); isHidden {
					hidden[lead] = true
				}
			}
			counts, err := w.r.server.store.PeopleCounts(w.t.Context())
			must(w.t, err)
			if len(hidden) == 0 || len(counts) != 1 || counts[0].Unresolved < len(hidden) {
				w.t.Errorf("%d hidden ids carry labels, counted are %+v", len(hidden), counts)
			}
		}},
		{wahasim.NoAppStateKeys, "#1626", "Tandai needs no label to be created", gows, func(w *ward) {
			w.brk(wahasim.Trouble{Fault: wahasim.NoAppStateKeys})
			if code := w.ask(http.MethodPost, "/api/cs1/labels", `{"name":"New","color":1}`); code != http.StatusInternalServerError {
				w.t.Fatalf("a label could be created: %d", code)
			}
			w.day()
			w.brk(wahasim.Trouble{Fault: wahasim.Lost, Share: 0.5})
			w.work(40)
			w.repaired("labels cannot be created")
		}},
		{wahasim.NoActivity, "#2073", "hearing is judged by what arrives", wardOptions{engine: wahasim.GOWS, look: 50 * time.Millisecond}, func(w *ward) {
			w.brk(wahasim.Trouble{Fault: wahasim.NoActivity})
			w.day()
			w.await("the number is being learnt", func() bool { return w.metric(`tandai_radar_sessions{state="learning"}`) == 1 })
			w.repaired("WAHA knows of no activity")
			if n := w.metric(`tandai_alarms_open{kind="deaf"}`); n != 0 {
				w.t.Errorf("%v alarms", n)
			}
		}},
		{wahasim.Unauthorized, "waha.md 4", "doctor and reconcile say so; events go on, and the truth is there with a key", gows, func(w *ward) {
			w.day()
			w.brk(wahasim.Trouble{Fault: wahasim.Unauthorized})
			w.work(30)
			w.arrived()
			w.says("WAHA does not accept the API key: correct waha.api_key")
			rc, err := OpenReconcile(w.t.Context(), w.cfg, ReconcileOptions{ConfirmAfter: time.Millisecond}, quiet)
			must(w.t, err)
			defer rc.Close()
			if done, err := rc.Run(w.t.Context(), nil, nil); err == nil && done.Done() {
				w.t.Errorf("without a key it says that all is done: %+v", done)
			}
			w.node.Mend(wahasim.Unauthorized)
			w.repaired("with a key")
		}},
		{wahasim.Failing, "waha.md 4, AllExceptionsFilter.ts", "calls are made again", gows, func(w *ward) {
			w.day()
			w.brk(wahasim.Trouble{Fault: wahasim.Failing, Share: 0.05}, wahasim.Trouble{Fault: wahasim.Lost, Share: 0.4})
			w.work(60)
			w.repaired("one call in twenty fails")
		}},
		{wahasim.Slow, "waha.md 4, waiting for a session", "answers are waited for", noweb, func(w *ward) {
			w.day()
			w.brk(wahasim.Trouble{Fault: wahasim.Slow, Share: 0.3, Delay: 400 * time.Millisecond}, wahasim.Trouble{Fault: wahasim.Lost, Share: 0.4})
			w.work(40)
			w.repaired("slow answers")
		}},
	}
}
