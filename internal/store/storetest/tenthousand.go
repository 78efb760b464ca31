package storetest

import (
	"fmt"
	"math/rand/v2"

	"tandai/internal/store"
)

// testTenThousand: ten thousand leads seen by hidden id, half of them by phone as
// well; their phones become known one by one, in random order, while the marking
// goes on. What is stored then is what is stored where all were known before.
func testTenThousand(w *world) {
	settings := store.Settings{Zone: jakarta}
	w.configure(settings)
	const leads = 10_000
	r := rand.New(rand.NewPCG(10, 1000))
	marks := func(s Scene) (events, pairs []store.Input) {
		r := rand.New(rand.NewPCG(3, 1))
		for n := range leads {
			hidden, phone := fmt.Sprintf("2010000%08d@lid", n), fmt.Sprintf("62856%08d", n)
			at := int64(n) * 1000
			events = append(events, s.Put(hidden, "1", at))
			if n%2 == 0 { // the same label and another one, on the other id, never in the same millisecond
				chat := phone + "@c.us"
				events = append(events, s.Put(chat, "1", at+2*r.Int64N(450)-449), s.Put(chat, "2", at+500))
				if n%4 == 0 {
					events = append(events, s.Take(hidden, "2", at+2*r.Int64N(1000)+1), s.In(hidden, at))
				}
			}
			pairs = append(pairs, s.Pair(hidden, phone, leads*1000+int64(n)))
		}
		events = append(events, s.Name("1", "Grade A", 1, 0), s.Delete("2", leads*500))
		return events, pairs
	}
	inBatches := func(in []store.Input) {
		for len(in) > 0 {
			n := min(len(in), 2000)
			w.record(in[:n]...)
			in = in[n:]
		}
	}

	events, pairs := marks(Scene{"known_before"})
	inBatches(pairs)
	inBatches(events)

	events, pairs = marks(Scene{"resolved_later"})
	r.Shuffle(len(pairs), func(i, j int) { pairs[i], pairs[j] = pairs[j], pairs[i] })
	half := len(events) / 2
	inBatches(events[:half])
	mixed := append(append([]store.Input{}, events[half:]...), pairs[:leads/2]...)
	r.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
	inBatches(mixed)
	w.same("still hidden", true, len(w.lookups("resolved_later")) > leads/4)
	inBatches(pairs[leads/2:])
	w.isAsFolded(settings, append(events, pairs...), "resolved_later")
	w.same("hidden at last", lines(), w.lookups("resolved_later"))

	same := "SELECT nomor_lead, label_id, started_at, ended_at, start_unknown, ambiguous, chat_id FROM label_spans WHERE session = ? ORDER BY nomor_lead, label_id, started_at"
	w.same("spans of both", w.rows(same, "known_before"), w.rows(same, "resolved_later"))
	same = "SELECT timestamp_unix, nomor_lead, label_id, label_name, status, chat_id, source FROM label_events WHERE session = ? ORDER BY timestamp_unix, chat_id, label_id, status, source"
	w.same("log of both", w.rows(same, "known_before"), w.rows(same, "resolved_later"))
	same = "SELECT nomor_lead, label_id, label_name, since FROM active_labels WHERE session = ? ORDER BY nomor_lead, label_id"
	w.same("active labels of both", w.rows(same, "known_before"), w.rows(same, "resolved_later"))
}
