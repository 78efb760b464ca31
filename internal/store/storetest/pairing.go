package storetest

import (
	"tandai/internal/label"
	"tandai/internal/store"
)

// testPairing: what a NOWEB session sends when it has just been paired was there
// before; in every order of events and statuses.
func testPairing(w *world) {
	settings := store.Settings{Zone: jakarta}
	w.configure(settings)
	const (
		second = 1000
		minute = 60 * second
		far    = 2 * minute // beyond a burst
	)
	for _, tc := range []struct {
		name  string
		in    func(Scene) []store.Input
		spans []string
	}{
		{
			name: "a burst after pairing",
			in: func(s Scene) []store.Input {
				return []store.Input{s.Said("SCAN_QR_CODE", 0), s.Said("WORKING", minute), s.Put(siti, "1", minute), s.Put(budi, "1", minute+40*second)}
			},
			spans: lines(sitiP+" 1 [60000,…) found", budiP+" 1 [100000,…) found"),
		},
		{
			name: "work that goes on later",
			in: func(s Scene) []store.Input {
				return []store.Input{s.Said("SCAN_QR_CODE", 0), s.Said("WORKING", minute), s.Put(siti, "1", minute+far-1), s.Put(budi, "1", minute+far)}
			},
			spans: lines(sitiP+" 1 [179999,…) found", budiP+" 1 [180000,…)"),
		},
		{
			name: "a reconnection is no pairing",
			in: func(s Scene) []store.Input {
				return []store.Input{s.Said("SCAN_QR_CODE", 0), s.Said("WORKING", minute), s.Said("WORKING", 10*minute), s.Put(siti, "1", 10*minute)}
			},
			spans: lines(sitiP + " 1 [600000,…)"),
		},
		{
			name: "a reconnection that turns out to be a pairing",
			in: func(s Scene) []store.Input {
				return []store.Input{s.Said("WORKING", minute), s.Said("WORKING", 10*minute), s.Said("SCAN_QR_CODE", 9*minute), s.Put(siti, "1", 10*minute)}
			},
			spans: lines(sitiP + " 1 [600000,…) found"),
		},
		{
			name: "a removal and an add after it are as they were",
			in: func(s Scene) []store.Input {
				return []store.Input{s.Said("SCAN_QR_CODE", 0), s.Said("WORKING", minute), s.Put(siti, "1", minute), s.Take(siti, "1", 5*minute), s.Put(siti, "1", 6*minute)}
			},
			spans: lines(sitiP+" 1 [60000,300000) found", sitiP+" 1 [360000,…)"),
		},
		{
			name: "a label known before is not found again",
			in: func(s Scene) []store.Input {
				return []store.Input{s.Put(siti, "1", 10), s.Said("SCAN_QR_CODE", minute), s.Said("WORKING", 2*minute), s.Put(siti, "1", 2*minute), s.Put(siti, "2", 2*minute)}
			},
			spans: lines(sitiP+" 1 [10,…)", sitiP+" 2 [120000,…) found"),
		},
		{
			name: "another engine says nothing of what was there",
			in: func(s Scene) []store.Input {
				scan, working := s.Said("SCAN_QR_CODE", 0), s.Said("WORKING", minute)
				scan.Engine, working.Engine = "GOWS", "GOWS"
				return []store.Input{scan, working, s.Put(siti, "1", minute)}
			},
			spans: lines(sitiP + " 1 [60000,…)"),
		},
		{
			name: "one status that tells the steps before it",
			in: func(s Scene) []store.Input {
				working := s.Said("WORKING", 30*minute)
				working.Statuses = []store.StatusAt{{Status: "SCAN_QR_CODE", At: Epoch}, {Status: "STARTING", At: Epoch + 1}, {Status: "WORKING", At: Epoch + minute}}
				return []store.Input{working, s.Put(siti, "1", minute), s.Put(budi, "1", 30*minute)}
			},
			spans: lines(sitiP+" 1 [60000,…) found", budiP+" 1 [1800000,…)"),
		},
		{
			name: "a snapshot's and an import's rows are their own",
			in: func(s Scene) []store.Input {
				old := s.Put(budi, "1", minute)
				old.Event.Source = label.FromImport
				return []store.Input{s.Said("SCAN_QR_CODE", 0), s.Said("WORKING", minute), old, s.Found(siti, "1", 10*minute)}
			},
			spans: lines(sitiP+" 1 [600000,…) found", budiP+" 1 [60000,…)"),
		},
	} {
		w.sub(tc.name, func(w *world) {
			for n, order := range orders(tc.in(Scene{}), 12) {
				session := slug(tc.name, n)
				order = inSession(session, order)
				w.recordEach(order...)
				w.same("spans", tc.spans, w.spans(session))
				if n%5 == 0 {
					w.isAsFolded(settings, order, session)
				}
			}
		})
	}
	w.sub("counted as found, not as added", func(w *world) {
		s := Scene{"counted"}
		w.record(s.Put(siti, "1", minute), s.Put(budi, "1", minute))
		w.same("before the status", lines("2 | 0"), w.rows("SELECT added, found FROM label_daily WHERE session = 'counted'"))
		done := w.record(s.Said("SCAN_QR_CODE", 0), s.Said("WORKING", minute))
		w.same("after it", lines("0 | 2"), w.rows("SELECT added, found FROM label_daily WHERE session = 'counted'"))
		if done.Filled != 2 || done.Spans != 2 {
			w.t.Errorf("recorded %+v, want two rows filled and two spans changed", done)
		}
	})
	w.verify()
}
