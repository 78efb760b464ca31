package storetest

import (
	"fmt"

	"tandai/internal/lead"
	"tandai/internal/store"
)

// testPeople: one person as hidden id and as phone, the pair learned at every
// point of the story.
func testPeople(w *world) {
	settings := store.Settings{Zone: jakarta}
	w.configure(settings)
	hidden := lid + "@lid"
	for _, tc := range []struct {
		name  string
		in    func(Scene) []store.Input
		spans []string
	}{
		{
			name: "added on both, removed on the hidden id",
			in: func(s Scene) []store.Input {
				return []store.Input{s.Put(hidden, "1", 10), s.Put(siti, "1", 20), s.Take(hidden, "1", 30), s.Pair(hidden, sitiP, 40)}
			},
			spans: lines(sitiP + " 1 [10,30)"),
		},
		{
			name: "added on both, removed on the phone",
			in: func(s Scene) []store.Input {
				return []store.Input{s.Put(hidden, "1", 10), s.Put(siti, "1", 20), s.Take(siti, "1", 30), s.Pair(hidden, sitiP, 5)}
			},
			spans: lines(sitiP + " 1 [10,30)"),
		},
		{
			name: "removed on the one and added again on the other",
			in: func(s Scene) []store.Input {
				return []store.Input{s.Put(siti, "1", 10), s.Take(hidden, "1", 20), s.Put(hidden, "1", 30), s.Pair(hidden, sitiP, 40)}
			},
			spans: lines(sitiP+" 1 [10,20)", sitiP+" 1 [30,…)"),
		},
		{
			name: "different labels",
			in: func(s Scene) []store.Input {
				return []store.Input{s.Put(siti, "1", 10), s.Put(hidden, "2", 20), s.Take(siti, "2", 30), s.Pair(hidden, sitiP, 40)}
			},
			spans: lines(sitiP+" 1 [10,…)", sitiP+" 2 [20,30)"),
		},
		{
			name: "a hidden id's device is the same person",
			in: func(s Scene) []store.Input {
				return []store.Input{s.Put(lid+":7@lid", "1", 10), s.Take(hidden, "1", 20), s.Put(siti, "1", 30), s.Pair(hidden, sitiP, 40)}
			},
			spans: lines(sitiP+" 1 [10,20)", sitiP+" 1 [30,…)"),
		},
	} {
		w.sub(tc.name, func(w *world) {
			for n, order := range orders(tc.in(Scene{}), every) {
				session := slug(tc.name, n)
				order = inSession(session, order)
				w.recordEach(order...)
				w.same("spans", tc.spans, w.spans(session))
				w.same("people in the log", lines(sitiP), w.rows("SELECT DISTINCT nomor_lead FROM label_events WHERE session = ?", session))
				if n == 0 {
					w.isAsFolded(settings, order, session)
				}
			}
		})
	}
	w.sub("until known, the hidden id", func(w *world) {
		s := Scene{"unknown"}
		w.record(s.Put(hidden, "1", 10))
		w.same("log", lines("10 "+hidden+" +1"), w.log("unknown"))
		w.same("spans", lines(hidden+" 1 [10,…)"), w.spans("unknown"))
		phones, err := w.Store.Phones(w.ctx(), "unknown", []string{hidden})
		if err != nil || len(phones) != 0 {
			w.t.Errorf("phones: %v, %v", phones, err)
		}
		if done := w.record(s.Pair(hidden, sitiP, 20)); done.Filled != 1 || done.Spans != 2 {
			w.t.Errorf("recorded %+v, want one row filled and two spans changed", done)
		}
		phones, err = w.Store.Phones(w.ctx(), "unknown", []string{hidden, "209999@lid"})
		if err != nil {
			w.t.Fatalf("phones: %v", err)
		}
		w.same("phones", map[string]string{hidden: sitiP}, phones)
	})
	w.sub("a pair is of its session only", func(w *world) {
		here, there := Scene{"here"}, Scene{"there"}
		w.record(here.Put(hidden, "1", 10), there.Put(hidden, "1", 10), here.Pair(hidden, sitiP, 20))
		w.same("spans here", lines(sitiP+" 1 [10,…)"), w.spans("here"))
		w.same("spans there", lines(hidden+" 1 [10,…)"), w.spans("there"))
	})
	w.verify()
}

func testPeopleWhoChange(w *world) {
	settings := store.Settings{Zone: jakarta}
	w.configure(settings)
	hidden, other := lid+"@lid", "201000000000002@lid"
	for _, tc := range []struct {
		name  string
		in    func(Scene) []store.Input
		spans []string
	}{
		{
			name: "a hidden id that changes its phone takes its history along",
			in: func(s Scene) []store.Input {
				return []store.Input{s.Put(hidden, "1", 10), s.Pair(hidden, sitiP, 20), s.Put(siti, "2", 15), s.Pair(hidden, budiP, 30)}
			},
			spans: lines(sitiP+" 2 [15,…)", budiP+" 1 [10,…)"),
		},
		{
			name: "a phone that comes back",
			in: func(s Scene) []store.Input {
				return []store.Input{s.Put(hidden, "1", 10), s.Pair(hidden, sitiP, 20), s.Pair(hidden, budiP, 30), s.Pair(hidden, sitiP, 40)}
			},
			spans: lines(sitiP + " 1 [10,…)"),
		},
		{
			name: "two phones in one millisecond: the greater",
			in: func(s Scene) []store.Input {
				return []store.Input{s.Put(hidden, "1", 10), s.Pair(hidden, sitiP, 20), s.Pair(hidden, budiP, 20)}
			},
			spans: lines(budiP + " 1 [10,…)"),
		},
		{
			name: "two hidden ids of one phone",
			in: func(s Scene) []store.Input {
				return []store.Input{s.Put(hidden, "1", 10), s.Take(other, "1", 20), s.Pair(hidden, sitiP, 30), s.Pair(other, sitiP, 5)}
			},
			spans: lines(sitiP + " 1 [10,20)"),
		},
		{
			name: "two hidden ids of one phone part again",
			in: func(s Scene) []store.Input {
				return []store.Input{s.Put(hidden, "1", 10), s.Take(other, "1", 20), s.Pair(hidden, sitiP, 30), s.Pair(other, sitiP, 5), s.Pair(other, budiP, 50)}
			},
			spans: lines(sitiP + " 1 [10,…)"),
		},
		{
			name: "a deletion's row goes with the person",
			in: func(s Scene) []store.Input {
				return []store.Input{s.Put(hidden, "1", 10), s.Delete("1", 15), s.Pair(hidden, sitiP, 20), s.Pair(hidden, budiP, 30)}
			},
			spans: lines(budiP + " 1 [10,15)"),
		},
	} {
		w.sub(tc.name, func(w *world) {
			for n, order := range orders(tc.in(Scene{}), 12) {
				session := slug(tc.name, n)
				order = inSession(session, order)
				w.recordEach(order...)
				w.same("spans", tc.spans, w.spans(session))
				if n == 0 {
					w.isAsFolded(settings, order, session)
				}
			}
		})
	}
	w.verify()
}

func testContacts(w *world) {
	settings := store.Settings{Zone: jakarta}
	w.configure(settings)
	hidden := lid + "@lid"
	ad := lead.Referral{SourceType: "ad", SourceID: "120210000000000001", SourceURL: "https://fb.me/x", SourceApp: "facebook", ClickID: "ARAkLkA8rmlFeiCktEJQ",
		Title: "Promo 🔥", Entry: "ctwa_ad", EntryApp: "facebook", ConversionSource: "FB_Ads", Ref: "ref", UTM: "utm",
		MediaType: "VIDEO", ExternalSource: "ig", ExternalMedium: "story", UTMSource: "meta", UTMCampaign: "promo", CampaignID: "23850"}
	for n, order := range orders([]store.Input{
		Scene{}.Ad(hidden, ad, 10), Scene{}.In(hidden, 30), Scene{}.Out(hidden, 20), Scene{}.Pair(hidden, sitiP, 5), Scene{}.Ad(hidden, lead.Referral{Entry: "ctwa_ad"}, 40),
	}, 18) {
		session := slug("contacts", n)
		order = inSession(session, order)
		w.recordEach(order...)
		w.same("chat", lines(fmt.Sprintf("%s | %d | %d | %d | %d | %d | %s", sitiP, Epoch+10, Epoch+40, Epoch+20, Epoch+20, Epoch+10, ad.SourceID)),
			w.rows("SELECT nomor_lead, first_in_at, last_in_at, first_out_at, last_out_at, referral_at, source_id FROM chats WHERE session = ?", session))
		if n == 0 {
			w.isAsFolded(settings, order, session)
		}
	}
	w.sub("a chat that only the CS wrote in", func(w *world) {
		w.record(Scene{"outbound"}.Out(siti, 10))
		w.same("chat", lines(fmt.Sprintf("NULL | NULL | %d | %d | NULL", Epoch+10, Epoch+10)),
			w.rows("SELECT first_in_at, last_in_at, first_out_at, last_out_at, referral_at FROM chats WHERE session = 'outbound'"))
	})
	w.verify()
}
