package storetest

import "tandai/internal/store"

// testDeletions lets the deletion of a label meet its marks in every order, each
// order in a session of its own.
func testDeletions(w *world) {
	settings := store.Settings{Zone: jakarta}
	w.configure(settings)
	for _, tc := range []struct {
		name  string
		in    func(Scene) []store.Input
		spans []string
		log   []string
	}{
		{
			name: "two leads lose a label that is deleted",
			in: func(s Scene) []store.Input {
				return []store.Input{s.Put(siti, "1", 10), s.Put(budi, "1", 12), s.Delete("1", 20)}
			},
			spans: lines(sitiP+" 1 [10,20)", budiP+" 1 [12,20)"),
			log:   lines("10 "+sitiP+" +1", "12 "+budiP+" +1", "20 "+sitiP+" -1 derived", "20 "+budiP+" -1 derived"),
		},
		{
			name: "an id that is used again",
			in: func(s Scene) []store.Input {
				return []store.Input{s.Put(siti, "1", 10), s.Delete("1", 20), s.Put(siti, "1", 30), s.Name("1", "Hot", 1, 25)}
			},
			spans: lines(sitiP+" 1 [10,20)", sitiP+" 1 [30,…)"),
			log:   lines("10 "+sitiP+" +1", "20 "+sitiP+" -1 derived", "30 "+sitiP+" +1 Hot"),
		},
		{
			name: "the engine says the removal too",
			in: func(s Scene) []store.Input {
				return []store.Input{s.Put(siti, "1", 10), s.Take(siti, "1", 20), s.Delete("1", 20)}
			},
			spans: lines(sitiP + " 1 [10,20)"),
			log:   lines("10 "+sitiP+" +1", "20 "+sitiP+" -1"),
		},
		{
			name: "a removal before it takes its row away",
			in: func(s Scene) []store.Input {
				return []store.Input{s.Put(siti, "1", 10), s.Take(siti, "1", 15), s.Delete("1", 20)}
			},
			spans: lines(sitiP + " 1 [10,15)"),
			log:   lines("10 "+sitiP+" +1", "15 "+sitiP+" -1"),
		},
		{
			name: "in the millisecond of the add",
			in: func(s Scene) []store.Input {
				return []store.Input{s.Put(siti, "1", 20), s.Delete("1", 20), s.Put(budi, "1", 10)}
			},
			spans: lines(sitiP+" 1 [20,…) ambiguous", budiP+" 1 [10,20)"),
			log:   lines("10 "+budiP+" +1", "20 "+sitiP+" +1", "20 "+budiP+" -1 derived"),
		},
		{
			name: "two deletions around an add",
			in: func(s Scene) []store.Input {
				return []store.Input{s.Delete("1", 5), s.Put(siti, "1", 10), s.Delete("1", 20), s.Delete("2", 15)}
			},
			spans: lines(sitiP + " 1 [10,20)"),
			log:   lines("10 "+sitiP+" +1", "20 "+sitiP+" -1 derived"),
		},
		{
			name: "a person known late, who had the label twice",
			in: func(s Scene) []store.Input {
				return []store.Input{s.Put(lid+"@lid", "1", 10), s.Put(siti, "1", 12), s.Delete("1", 20), s.Pair(lid+"@lid", sitiP, 1)}
			},
			spans: lines(sitiP + " 1 [10,20)"),
			log:   lines("10 "+sitiP+" +1", "12 "+sitiP+" +1", "20 "+sitiP+" -1 derived"),
		},
	} {
		w.sub(tc.name, func(w *world) {
			for n, order := range orders(tc.in(Scene{}), every) {
				session := slug(tc.name, n)
				order = inSession(session, order)
				w.recordEach(order...)
				w.same("spans", tc.spans, w.spans(session))
				w.same("log", tc.log, w.log(session))
				if n == 0 {
					w.isAsFolded(settings, order, session)
				}
			}
		})
	}
	w.verify()
}

// inSession is the same inputs in another session, ids included.
func inSession(session string, in []store.Input) []store.Input {
	var out []store.Input
	for _, i := range in {
		i.Session = session
		if i.Event != nil {
			e := *i.Event
			e.Session, e.ID = session, otherID(session, e.ID)
			i.Event = &e
		}
		if i.Change != nil {
			c := *i.Change
			c.ID = otherID(session, c.ID)
			i.Change = &c
		}
		if i.Contact != nil {
			c := *i.Contact
			c.Session = session
			i.Contact = &c
		}
		out = append(out, i)
	}
	return out
}
