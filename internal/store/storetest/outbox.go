package storetest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"

	"tandai/internal/label"
	"tandai/internal/store"
)

// sent is an input with nothing but an outbound.
func sent(n int, to ...string) store.Input {
	return store.Input{Outbound: &store.Outbound{
		ID: label.EventID("", "toko", "label.chat.added", fmt.Sprint(n)), Session: "toko", Event: "label.chat.added", At: Epoch + int64(n),
		Body: fmt.Appendf(nil, `{"id":"evt_%d","name":"Grade A 🔥"}`, n), Destinations: to, ReceivedAt: Epoch + int64(n),
	}}
}

func (w *world) outbox() store.Outbox { return w.Store.(store.Outbox) }

// turn is a round at a time after the epoch; a claim lasts 30 s.
func (w *world) turn(o store.Outbox, owner string, now int64, results []store.DeliveryResult, wants ...store.Want) []store.Claimed {
	w.t.Helper()
	got, err := o.Turn(w.ctx(), store.Turn{Owner: owner, Now: now, LeaseUntil: now + 30_000, Results: results, Wants: wants})
	if err != nil {
		w.t.Fatalf("turn: %v", err)
	}
	slices.SortFunc(got, func(a, b store.Claimed) int { return cmp.Compare(a.Seq, b.Seq) })
	return got
}

func ids(claimed []store.Claimed) []string {
	var out []string
	for _, c := range claimed {
		out = append(out, c.Destination+" "+strings.TrimSuffix(strings.Split(string(c.Body), `","`)[0], `"}`))
	}
	return out
}

// soon is a time by which all that was recorded is due, by the clock of the
// store, Unix ms.
func (w *world) soon() int64 {
	w.t.Helper()
	at, err := w.Store.Clock(w.ctx())
	if err != nil {
		w.t.Fatalf("clock: %v", err)
	}
	return at.UnixMilli() + 60_000
}

func done(c store.Claimed, at int64) store.DeliveryResult {
	return store.DeliveryResult{Seq: c.Seq, State: store.DeliveryDone, Attempt: &store.Attempt{N: c.Attempts + 1, At: at, DurationMs: 3, Status: 200, Answer: "ok"}}
}

// testOutbox: what is recorded is delivered once to each destination, whoever
// records, claims or dies.
func testOutbox(w *world) {
	o := w.outbox()
	count := func(where string) string { return w.one("SELECT COUNT(*) FROM deliveries WHERE " + where) }

	w.sub("recorded twice, sent once", func(w *world) {
		s := Scene{"outbox_twice"}
		with := s.Put(siti, "1", 10)
		with.Outbound = sent(1).Outbound
		with.Outbound.Destinations = []string{"n8n", "crm"}
		w.record(with, sent(2, "n8n", "crm"), sent(3))
		again := sent(2, "n8n", "crm", "new")
		w.record(with, again, again)
		w.same("payloads", "2", w.one("SELECT COUNT(*) FROM outbox_payloads"))
		w.same("deliveries", lines("crm | 2", "n8n | 2", "new | 1"), w.rows("SELECT destination, COUNT(*) FROM deliveries GROUP BY destination ORDER BY destination"))
		w.same("sessions", lines("outbox_twice"), w.rows("SELECT session FROM session_registry"))
		w.same("spans", lines(sitiP+" 1 [10,…)"), w.spans(s.Session))
	})
	w.sub("a replay does not reach destinations that came later", func(w *world) {
		if _, err := o.Destinations(w.ctx(), []string{"late"}, Epoch+100); err != nil {
			w.t.Fatalf("destinations: %v", err)
		}
		before, after := sent(50, "late"), sent(150, "late")
		before.Outbound.Again, after.Outbound.Again = true, true
		w.record(before, after, sent(51, "late"))
		got := w.turn(o, "a", w.soon(), nil, store.Want{Destination: "late", Limit: 10})
		w.same("claimed", lines(`late {"id":"evt_150`, `late {"id":"evt_51`), ids(got))
	})
	w.sub("claimed by one, until the lease ends", func(w *world) {
		now := w.soon()
		w.record(sent(1, "lease"), sent(2, "lease"), sent(3, "lease"))
		want := store.Want{Destination: "lease", Limit: 2}
		first := w.turn(o, "a", now, nil, want)
		second := w.turn(o, "b", now, nil, want)
		if len(first) != 2 || len(second) != 1 {
			w.t.Fatalf("claimed %v and %v", ids(first), ids(second))
		}
		if string(first[0].Body) != string(sent(1).Outbound.Body) || first[0].ID != sent(1).Outbound.ID || first[0].At != Epoch+1 ||
			first[0].Event != "label.chat.added" || first[0].Session != "toko" || first[0].LeaseUntil != now+30_000 {
			w.t.Errorf("claimed %+v", first[0])
		}
		w.same("nothing is left", 0, len(w.turn(o, "c", now+29_000, nil, want)))
		w.turn(o, "a", now+30_000, []store.DeliveryResult{done(first[0], now)})
		w.same("a and b are dead", 2, len(w.turn(o, "c", now+31_000, nil, want)))
		// a is late with its second: c has it now. Done is done all the same.
		w.turn(o, "a", now+32_000, []store.DeliveryResult{done(first[1], now)})
		w.same("done", "2", count("destination = 'lease' AND state = 1 AND attempts = 1"))
		// c fails with what a has done, and with b's.
		fail := func(c store.Claimed) store.DeliveryResult {
			return store.DeliveryResult{Seq: c.Seq, NextAt: now + 90_000, Attempt: &store.Attempt{N: 1, At: now + 1, Status: 500, Answer: "no", Error: "500"}}
		}
		w.turn(o, "c", now+33_000, []store.DeliveryResult{fail(first[1]), fail(second[0])})
		w.same("waiting", "1", count("destination = 'lease' AND state = 0 AND attempts = 1"))
		w.same("not due", 0, len(w.turn(o, "c", now+89_999, nil, want)))
		w.same("due", 1, len(w.turn(o, "c", now+90_000, nil, want)))
		attempts, err := o.AttemptsOf(w.ctx(), first[1].Seq)
		if err != nil || len(attempts) != 2 {
			w.t.Errorf("every attempt is kept: %+v, %v", attempts, err)
		}
	})
	w.sub("given back", func(w *world) {
		now := w.soon()
		w.record(sent(1, "back"), sent(2, "back"))
		want := store.Want{Destination: "back", Limit: 10}
		got := w.turn(o, "s1/one", now, nil, want)
		w.turn(o, "s1/one", now, []store.DeliveryResult{{Seq: got[0].Seq}})
		w.same("again", lines(`back {"id":"evt_1`), ids(w.turn(o, "s1/one", now, nil, want)))
		if n, err := o.ReleaseClaims(w.ctx(), "s1/", "s1/two"); n != 2 || err != nil {
			w.t.Errorf("released %d, %v", n, err)
		}
		w.same("the next life has both", 2, len(w.turn(o, "s1/two", now, nil, want)))
		if n, err := o.ReleaseClaims(w.ctx(), "s1/", "s1/two"); n != 0 || err != nil {
			w.t.Errorf("released %d of its own, %v", n, err)
		}
	})
	w.sub("large bodies come one by one", func(w *world) {
		var in []store.Input
		for n := range 3 {
			i := sent(1000+n, "large")
			i.Outbound.Body = []byte(strings.Repeat("x", 700_000))
			in = append(in, i)
		}
		w.record(in...)
		w.same("claimed", 1, len(w.turn(o, "a", w.soon(), nil, store.Want{Destination: "large", Limit: 10, Bytes: 1_000_000})))
	})
	w.sub("dead letters", func(w *world) {
		now := w.soon()
		w.record(sent(1, "dead"), sent(2, "dead"), sent(3, "dead"))
		want := store.Want{Destination: "dead", Limit: 10}
		var results []store.DeliveryResult
		for _, c := range w.turn(o, "a", now, nil, want) {
			results = append(results, store.DeliveryResult{Seq: c.Seq, State: store.DeliveryDead,
				Attempt: &store.Attempt{N: 12, At: now, DurationMs: 10_000, Error: strings.Repeat("é", 600)}})
		}
		w.turn(o, "a", now, results)
		letters, err := o.Letters(w.ctx(), store.LetterFilter{Destination: "dead", State: store.DeliveryDead})
		if err != nil || len(letters) != 3 || letters[0].Last == nil || letters[0].Last.N != 12 || letters[0].Attempts != 12 || letters[0].SettledAt != now {
			w.t.Fatalf("letters %+v, %v", letters, err)
		}
		w.same("not tried again", 0, len(w.turn(o, "a", now+1e9, nil, want)))
		n, err := o.Redeliver(w.ctx(), store.LetterFilter{Seqs: []int64{letters[0].Seq}}, now)
		w.same("one", 1, n)
		n, err2 := o.Redeliver(w.ctx(), store.LetterFilter{Destination: "dead", State: store.DeliveryDead}, now)
		w.same("the others", 2, n)
		if err != nil || err2 != nil {
			w.t.Errorf("redeliver: %v, %v", err, err2)
		}
		got := w.turn(o, "a", now, nil, want)
		if len(got) != 3 || got[0].Attempts != 0 {
			w.t.Errorf("claimed %+v", got)
		}
	})
	w.sub("counts", func(w *world) {
		now := w.soon()
		w.record(sent(1, "counts"), sent(2, "counts"))
		got := w.turn(o, "a", now, nil, store.Want{Destination: "counts", Limit: 1})
		w.turn(o, "a", now, []store.DeliveryResult{{Seq: got[0].Seq, State: store.DeliveryDead, Attempt: &store.Attempt{N: 1, At: now}}})
		_, err := o.Turn(w.ctx(), store.Turn{Owner: "a", Now: now, Breakers: []store.DestinationState{{Name: "counts", OpenedAt: now, OpenUntil: now + 10, Probes: 2, LastError: "refused"}}})
		if err != nil {
			w.t.Fatalf("breaker: %v", err)
		}
		for _, tc := range []struct {
			at   int64
			want bool
		}{{now + 9, false}, {now + 10, true}, {now + 11, false}} {
			if ok, err := o.TakeProbe(w.ctx(), "counts", tc.at, tc.at+50); ok != tc.want || err != nil {
				w.t.Errorf("probe at +%d: %v, %v", tc.at-now, ok, err)
			}
		}
		all, err := o.OutboxCounts(w.ctx())
		i := slices.IndexFunc(all, func(c store.DestinationCount) bool { return c.Name == "counts" })
		if err != nil || i < 0 {
			w.t.Fatalf("counts %+v, %v", all, err)
		}
		c := all[i]
		if c.OldestAt == 0 || c.NextAt == 0 || c.Since == 0 {
			w.t.Errorf("count %+v", c)
		}
		c.OldestAt, c.NextAt, c.Since = 0, 0, 0
		w.same("count", store.DestinationCount{Waiting: 1, Dead: 1, DestinationState: store.DestinationState{
			Name: "counts", OpenedAt: now, OpenUntil: now + 60, Probes: 2, LastError: "refused"}}, c)
	})
	w.sub("effects", func(w *world) {
		out := sent(7, "url:https://example.com:443").Outbound
		out.URL, out.Headers = "https://example.com/x", map[string]string{"Content-Type": "text/plain"}
		for range 2 {
			if err := o.Enqueue(w.ctx(), []store.Outbound{*out}, Epoch); err != nil {
				w.t.Fatalf("enqueue: %v", err)
			}
		}
		got := w.turn(o, "a", w.soon(), nil, store.Want{Destination: out.Destinations[0], Limit: 10})
		if len(got) != 1 || got[0].URL != out.URL || got[0].Headers["Content-Type"] != "text/plain" {
			w.t.Errorf("claimed %+v", got)
		}
		bad := *out
		bad.ID = "x"
		if err := o.Enqueue(w.ctx(), []store.Outbound{bad}, Epoch); err == nil {
			w.t.Errorf("an id that is none was taken")
		}
	})
	w.sub("pruned when settled and old", func(w *world) {
		now := w.soon()
		w.record(sent(900, "prune"), sent(901, "prune", "prune2"))
		for _, c := range w.turn(o, "a", now, nil, store.Want{Destination: "prune", Limit: 10}) {
			w.turn(o, "a", now, []store.DeliveryResult{done(c, now)})
		}
		prune := func(before int64) {
			w.t.Helper()
			if _, err := o.PruneOutbox(w.ctx(), before, 1000); err != nil {
				w.t.Fatalf("prune: %v", err)
			}
		}
		prune(now) // settled at now: not before it
		w.same("kept", "2", count("destination = 'prune'"))
		prune(now + 1)
		w.same("deliveries of the one that waits elsewhere", "1", count("destination = 'prune'"))
		w.same("that", "1", count("destination = 'prune2'"))
		w.same("attempts without a delivery", "0", w.one("SELECT COUNT(*) FROM delivery_attempts a WHERE NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.seq = a.delivery)"))
		w.same("payloads without a delivery", "0", w.one("SELECT COUNT(*) FROM outbox_payloads p WHERE NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.payload = p.seq)"))
	})
}

// testOutboxServers: two servers claim at once; each delivery is claimed by one.
func testOutboxServers(w *world) {
	var in []store.Input
	for n := range 400 {
		in = append(in, sent(n, "shared"))
	}
	w.record(in...)
	now := w.soon()
	servers := []store.Outbox{w.outbox(), w.Reopen(w.tb).(store.Outbox)}
	var mu sync.Mutex
	seen := map[int64]int{}
	var all sync.WaitGroup
	for i, o := range servers {
		all.Go(func() {
			var results []store.DeliveryResult
			for range 100 {
				got, err := o.Turn(w.ctx(), store.Turn{Owner: fmt.Sprint("server", i), Now: now, LeaseUntil: now + 30_000, Results: results,
					Wants: []store.Want{{Destination: "shared", Limit: 20}}})
				if err != nil {
					continue // another writer was in the way for too long; its results are written with the next
				}
				results = nil
				mu.Lock()
				for _, c := range got {
					seen[c.Seq]++
					results = append(results, done(c, now))
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	for seq, n := range seen {
		if n != 1 {
			w.t.Errorf("delivery %d was claimed %d times", seq, n)
		}
	}
	w.same("claimed", len(in), len(seen))
	w.same("done", fmt.Sprint(len(in)), w.one("SELECT COUNT(*) FROM deliveries WHERE destination = 'shared' AND state = 1 AND attempts = 1"))
}
