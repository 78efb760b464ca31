package storetest

import (
	"fmt"
	"sync"

	"tandai/internal/store"
)

// radarOf is the harness's store as the radar uses it.
func (w *world) radarOf(s store.Store) store.RadarStore {
	w.t.Helper()
	r, ok := s.(store.RadarStore)
	if !ok {
		w.t.Fatalf("%T keeps nothing for the radar", s)
	}
	return r
}

func testActivity(w *world) {
	one, two := w.radarOf(w.Store), w.radarOf(w.Reopen(w.tb))
	const hour = 498_720
	add := func(s store.RadarStore, counts []store.Activity, heard ...store.HeardHour) {
		w.t.Helper()
		if err := s.AddActivity(w.ctx(), counts, heard); err != nil {
			w.t.Fatalf("add activity: %v", err)
		}
	}
	last := uint64(1) << 59
	add(one, []store.Activity{{Session: "b", Hour: hour, Events: 3, Minutes: 1}, {Session: "a", Hour: hour + 1, Events: 1, Minutes: last}}, store.HeardHour{Hour: hour, Minutes: 0b11})
	add(two, []store.Activity{{Session: "b", Hour: hour, Events: 2, Minutes: 0b101}}, store.HeardHour{Hour: hour, Minutes: 0b110}, store.HeardHour{Hour: hour + 1, Minutes: last})
	add(one, nil)
	read := func(from int64) (all []store.Activity) {
		w.t.Helper()
		if err := one.ActivitySince(w.ctx(), from, func(a store.Activity) error { all = append(all, a); return nil }); err != nil {
			w.t.Fatalf("read activity: %v", err)
		}
		return all
	}
	w.same("events add up, minutes are joined", []store.Activity{
		{Session: "a", Hour: hour + 1, Events: 1, Minutes: last}, {Session: "b", Hour: hour, Events: 5, Minutes: 0b101},
	}, read(hour))
	heard, err := two.HeardSince(w.ctx(), hour)
	if err != nil {
		w.t.Fatalf("read heard hours: %v", err)
	}
	w.same("heard", []store.HeardHour{{Hour: hour, Minutes: 0b111}, {Hour: hour + 1, Minutes: last}}, heard)
	stop := fmt.Errorf("enough")
	if err := one.ActivitySince(w.ctx(), hour, func(store.Activity) error { return stop }); err == nil {
		w.t.Errorf("reading goes on although it was to stop")
	}

	// Two servers on the same rows at once.
	var wg sync.WaitGroup
	errs := make([]error, 2)
	for i, s := range []store.RadarStore{one, two} {
		wg.Go(func() {
			for n := range 20 {
				rows := []store.Activity{{Session: "b", Hour: hour, Events: 1, Minutes: 1 << n}, {Session: "c", Hour: hour, Events: 1, Minutes: 1 << (n + 20*i)}, {Session: "a", Hour: hour + 1, Events: 1}}
				if err := s.AddActivity(w.ctx(), rows, []store.HeardHour{{Hour: hour + 2, Minutes: 1 << (n + 20*i)}}); err != nil {
					errs[i] = err
				}
			}
		})
	}
	wg.Wait()
	w.same("errors of two servers", []error{nil, nil}, errs)
	w.same("of two servers", []store.Activity{
		{Session: "a", Hour: hour + 1, Events: 41, Minutes: last}, {Session: "b", Hour: hour, Events: 45, Minutes: 1<<20 - 1}, {Session: "c", Hour: hour, Events: 40, Minutes: 1<<40 - 1},
	}, read(hour))

	n, err := one.PruneActivity(w.ctx(), hour+1)
	if err != nil || n != 3 {
		w.t.Errorf("pruned %d rows, %v; want 3", n, err)
	}
	w.same("what is left", []store.Activity{{Session: "a", Hour: hour + 1, Events: 41, Minutes: last}}, read(0))
}

func testAlarms(w *world) {
	s := w.radarOf(w.Store)
	other := w.radarOf(w.Reopen(w.tb))
	id := func(n int) string { return fmt.Sprintf("%032d", n) }
	recovered := 7
	deaf := store.Alarm{ID: id(1), Kind: store.AlarmDeaf, Subject: "hansarang_cs1", RaisedAt: Epoch, Since: Epoch - 9, ChangedAt: Epoch, Revision: 1,
		Detail: store.AlarmDetail{Status: "WORKING", Expected: 31.5}}
	raise := func(s store.RadarStore, a store.Alarm, want bool) {
		w.t.Helper()
		if got, err := s.RaiseAlarm(w.ctx(), a); err != nil || got != want {
			w.t.Fatalf("raise: %v, %v; want %v", got, err, want)
		}
	}
	save := func(a store.Alarm, was int64, want bool) {
		w.t.Helper()
		if got, err := s.SaveAlarm(w.ctx(), a, was); err != nil || got != want {
			w.t.Fatalf("save: %v, %v; want %v", got, err, want)
		}
	}
	open := func() []store.Alarm {
		w.t.Helper()
		all, err := other.OpenAlarms(w.ctx())
		if err != nil {
			w.t.Fatalf("open alarms: %v", err)
		}
		return all
	}
	raise(s, deaf, true)
	again := deaf
	again.ID, again.RaisedAt = id(2), Epoch+5
	raise(other, again, false)
	elsewhere := store.Alarm{ID: id(3), Kind: store.AlarmWAHA, RaisedAt: Epoch + 1, Since: Epoch, ChangedAt: Epoch + 1, Revision: 1, Detail: store.AlarmDetail{Error: "refused"}}
	raise(other, elsewhere, true)
	w.same("open", []store.Alarm{deaf, elsewhere}, open())

	deaf.ChangedAt, deaf.Revision, deaf.Told, deaf.ToldAt, deaf.Restarts, deaf.RestartedAt, deaf.Flaps = Epoch+10, 2, 1, Epoch+3, 1, Epoch+8, 4
	deaf.Detail.Recovered, deaf.Detail.Restart = &recovered, "done"
	save(deaf, Epoch, true)
	late := deaf
	late.ChangedAt, late.Revision = Epoch+11, 9
	save(late, Epoch, false) // somebody was faster
	w.same("saved", []store.Alarm{deaf, elsewhere}, open())

	deaf.ClearedAt, deaf.ChangedAt, deaf.Detail.Cleared = Epoch+20, Epoch+20, store.ClearedEvents
	save(deaf, Epoch+10, true)
	w.same("open when one is cleared", []store.Alarm{elsewhere}, open())
	raise(s, again, true) // its like may be raised again
	back := deaf
	back.ClearedAt, back.ChangedAt = 0, Epoch+30
	save(back, Epoch+20, false) // and the old one cannot come back beside it
	all, err := s.RecentAlarms(w.ctx(), Epoch+20, 10)
	if err != nil {
		w.t.Fatalf("recent alarms: %v", err)
	}
	w.same("recent", []store.Alarm{again, elsewhere, deaf}, all)
	if all, err = s.RecentAlarms(w.ctx(), Epoch+21, 1); err != nil || len(all) != 1 {
		w.t.Errorf("the newest alone: %v, %v", all, err)
	}
	if all, err = s.RecentAlarms(w.ctx(), Epoch+21, 10); err != nil || len(all) != 2 {
		w.t.Errorf("what was cleared before is left out: %v, %v", all, err)
	}
}

func testRadarLease(w *world) {
	one, two := w.radarOf(w.Store), w.radarOf(w.Reopen(w.tb))
	take := func(what string, s store.RadarStore, owner string, now, until int64, want bool) {
		w.t.Helper()
		if got, err := s.TakeLease(w.ctx(), "radar", owner, now, until); err != nil || got != want {
			w.t.Fatalf("%s: %v, %v; want %v", what, got, err, want)
		}
	}
	take("the first", one, "a", 100, 200, true)
	take("the second", two, "b", 110, 210, false)
	take("renewed", one, "a", 120, 220, true)
	take("renewed in the same millisecond", one, "a", 120, 220, true)
	take("still held", two, "b", 219, 300, false)
	take("run out", two, "b", 220, 320, true)
	take("lost", one, "a", 230, 330, false)
	if got, err := one.TakeLease(w.ctx(), "other", "a", 100, 200); err != nil || !got {
		w.t.Errorf("another name: %v, %v", got, err)
	}
	got := make([]bool, 2)
	var wg sync.WaitGroup
	for i, s := range []store.RadarStore{one, two} {
		wg.Go(func() { got[i], _ = s.TakeLease(w.ctx(), "at once", fmt.Sprint(i), 100, 200) })
	}
	wg.Wait()
	if got[0] && got[1] {
		w.t.Errorf("two servers hold one lease")
	}
}
