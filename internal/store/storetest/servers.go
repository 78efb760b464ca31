package storetest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"

	"tandai/internal/store"
)

// scatter cuts a history into batches in an order of its own, some inputs twice.
func scatter(in []store.Input, seed uint64) [][]store.Input {
	r := rand.New(rand.NewPCG(seed, 1))
	all := slices.Clone(in)
	for range len(in) / 5 {
		all = append(all, in[r.IntN(len(in))])
	}
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	var batches [][]store.Input
	for len(all) > 0 {
		n := min(len(all), 1+r.IntN(9))
		batches, all = append(batches, all[:n]), all[n:]
	}
	return batches
}

// together gives every store its batches at the same time.
func (w *world) together(stores []store.Store, batches [][][]store.Input) {
	w.t.Helper()
	var all sync.WaitGroup
	for n, s := range stores {
		all.Go(func() {
			for _, b := range batches[n] {
				if _, err := recordOn(w.ctx(), s, b); err != nil {
					w.t.Errorf("server %d: record: %v", n, err)
					return
				}
			}
		})
	}
	all.Wait()
}

// town is a history of a few sessions whose people are marked by all, met as
// hidden ids, renamed and deleted labels included.
func town(sessions []string, people, marks int) []store.Input {
	r := rand.New(rand.NewPCG(7, 7))
	var in []store.Input
	for _, session := range sessions {
		s := Scene{session}
		for n := range marks {
			at := int64(r.IntN(20 * day))
			if r.IntN(5) == 0 {
				at = int64(r.IntN(4)) // crowded
			}
			p, l := r.IntN(people), fmt.Sprint(1+r.IntN(3))
			chat := []string{fmt.Sprintf("62857%08d@c.us", p), fmt.Sprintf("2010%d@lid", p)}[r.IntN(2)]
			switch n % 12 {
			case 0:
				in = append(in, s.Pair(fmt.Sprintf("2010%d@lid", p), fmt.Sprintf("62857%08d", r.IntN(people)), at))
			case 1:
				in = append(in, s.Delete(l, at))
			case 2:
				in = append(in, s.Name(l, fmt.Sprint("Grade ", n), n%20, at))
			case 3:
				in = append(in, From(s.In(chat, at), fmt.Sprint("628123400000", r.IntN(2)), []string{"", "sari", "melati"}[r.IntN(3)]))
			case 4, 5, 6, 7:
				in = append(in, s.Take(chat, l, at))
			default:
				in = append(in, s.Put(chat, l, at))
			}
		}
	}
	return in
}

// testTwoServers: two servers get halves of everything, in orders of their own.
func testTwoServers(w *world) {
	settings := store.Settings{Zone: jakarta}
	w.configure(settings)
	sessions := []string{"satu", "dua", "tiga"}
	in := town(sessions, 6, 70)
	half := len(in) / 2
	w.together([]store.Store{w.Store, w.Reopen(w.tb)}, [][][]store.Input{scatter(in[:half+20], 1), scatter(in[half-20:], 2)})
	w.isAsFolded(settings, in, sessions...)
}

// testTwoServersSamePeople: both get everything, about very few people, and a
// third changes the configuration and makes views meanwhile.
func testTwoServersSamePeople(w *world) {
	settings := store.Settings{Zone: jakarta}
	w.configure(settings)
	in := town([]string{"satu"}, 2, 90)
	third := w.Reopen(w.tb)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			s := store.Settings{Zone: jakarta, Sessions: []store.SessionConfig{{Session: "satu", Client: fmt.Sprint("klien ", n%3), Zone: []string{jakarta, "UTC"}[n%2], View: fmt.Sprint("prospek_", n%2)}}}
			if err := third.Configure(w.ctx(), s); err != nil {
				w.t.Errorf("configure: %v", err)
				return
			}
			if _, err := third.EnsureViews(w.ctx()); err != nil {
				w.t.Errorf("ensure views: %v", err)
				return
			}
		}
	}()
	w.together([]store.Store{w.Store, w.Reopen(w.tb)}, [][][]store.Input{scatter(in, 3), scatter(in, 4)})
	close(stop)
	<-stopped
	w.configure(settings)
	w.isAsFolded(settings, in, "satu")
}

// testTwoServersMeet: two servers hold, at the same moment, two halves of what
// only together tells the state. Whoever comes second must see the first's.
func testTwoServersMeet(w *world) {
	settings := store.Settings{Zone: jakarta}
	w.configure(settings)
	other := w.Reopen(w.tb)
	hidden := lid + "@lid"
	var in []store.Input
	var sessions []string
	for round := range 60 {
		s := Scene{slug("meet", round)}
		halves := [][2]store.Input{
			{s.Put(siti, "1", 10), s.Delete("1", 20)},
			{s.Put(siti, "1", 10), s.Take(siti, "1", 20)},
			{s.Put(hidden, "1", 10), s.Pair(hidden, sitiP, 20)},
			{s.Put(siti, "1", 10), s.Name("1", "Grade A", 1, 5)},
			{s.Put(siti, "1", 10), s.Number("6281234000001", 20)},
			{s.Put(siti, "1", 10), s.Put(siti, "1", 10)},
		}[round%6]
		// Half of the sessions are known to both before.
		if round%4 < 2 {
			w.record(s.Put(budi, "2", 1))
			in = append(in, s.Put(budi, "2", 1))
		}
		start := make(chan struct{})
		var both sync.WaitGroup
		for n, server := range []store.Store{w.Store, other} {
			both.Go(func() {
				<-start
				if _, err := recordOn(w.ctx(), server, []store.Input{halves[n]}); err != nil {
					w.t.Errorf("round %d, server %d: record: %v", round, n, err)
				}
			})
		}
		close(start)
		both.Wait()
		in, sessions = append(in, halves[0], halves[1]), append(sessions, s.Session)
	}
	w.isAsFolded(settings, in, sessions...)
}
