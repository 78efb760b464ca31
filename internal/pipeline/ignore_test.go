package pipeline

import (
	"fmt"
	"testing"

	"tandai/internal/inbox"
	"tandai/internal/store"
)

const (
	staffPhone  = "6281299900066"
	staffHidden = "201000000000066"
)

// ignoring makes the world's pipelines ignore staff in session toko alone.
func (w *world) ignoring() {
	w.cfg.HasIgnored = func(session string) bool { return session == "toko" }
	w.cfg.Ignored = func(session, phone string) bool { return session == "toko" && phone == staffPhone }
}

// message is somebody's message, with the person's other id where alt is given.
func message(session, chat, alt string, at int64) []byte {
	return envelope(fmt.Sprintf("evt_m_%s_%d", chat, at), map[string]string{
		"timestamp": fmt.Sprint(1795399261337 + at), "event": `"message.any"`, "session": `"` + session + `"`,
		"payload": fmt.Sprintf(`{"id":"m%d","timestamp":1795390000,"fromMe":false,"from":%q,"_data":{"Info":{"Chat":%q,"Sender":%q,"IsFromMe":false,"IsGroup":false,"SenderAlt":%q}}}`, at, chat, chat, chat, alt),
	})
}

func TestIgnored(t *testing.T) {
	phone, hidden, other := staffPhone+"@c.us", staffHidden+"@lid", "6281299900011@c.us"
	const skipped = "skipped: ignored_number"
	for _, tc := range []struct {
		name    string
		batches [][][]byte
		want    []string
		log     []string // labels in the log
	}{
		{
			name:    "by phone",
			batches: [][][]byte{{mark("toko", phone, "1", true, 1), mark("toko", other, "2", true, 2), mark("toko", staffPhone+":3@s.whatsapp.net", "3", true, 3)}},
			want:    []string{skipped, "done", skipped}, log: []string{"2"},
		},
		{
			name:    "in their session alone",
			batches: [][][]byte{{mark("toko", phone, "1", true, 1), mark("lain", phone, "2", true, 2)}},
			want:    []string{skipped, "done"}, log: []string{"2"},
		},
		{
			name: "by a hidden id that the database knows",
			batches: [][][]byte{
				{message("toko", hidden, staffPhone+"@s.whatsapp.net", 1)},
				{mark("toko", hidden, "1", true, 2), mark("toko", staffHidden+":7@lid", "1", true, 3), mark("toko", "201000000000077@lid", "2", true, 4)},
			},
			want: []string{skipped, skipped, skipped, "done"}, log: []string{"2"},
		},
		{
			name:    "by a hidden id that a message beside it tells",
			batches: [][][]byte{{mark("toko", hidden, "1", true, 1), message("toko", hidden, staffPhone+"@s.whatsapp.net", 2), mark("toko", hidden, "1", false, 3)}},
			want:    []string{skipped, skipped, skipped},
		},
		{
			name:    "a message that tells, in the chat of the phone",
			batches: [][][]byte{{message("toko", phone, hidden, 1)}, {mark("toko", hidden, "1", true, 2)}, {message("toko", hidden, "", 3)}},
			want:    []string{skipped, skipped, skipped},
		},
		{
			name:    "a hidden id that another session knows",
			batches: [][][]byte{{message("lain", hidden, staffPhone+"@s.whatsapp.net", 1)}, {mark("toko", hidden, "1", true, 2)}},
			want:    []string{"done", "done"}, log: []string{"1"},
		},
		{
			name:    "a hidden id that becomes known later",
			batches: [][][]byte{{mark("toko", hidden, "1", true, 1)}, {message("toko", hidden, staffPhone+"@s.whatsapp.net", 2)}, {mark("toko", hidden, "1", false, 3)}},
			want:    []string{"done", skipped, skipped}, log: []string{"1"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, onSQLite)
			w.cfg.Batch = 50
			w.ignoring()
			for _, batch := range tc.batches {
				w.receive(batch...)
				w.run()
			}
			w.same("outcomes", tc.want, w.outcomes())
			w.same("recorded", tc.log, w.rows("SELECT label_id FROM label_events ORDER BY timestamp_unix"))
			w.same("messages of ignored people", []string(nil), w.rows("SELECT chat_id FROM chats WHERE session = 'toko'"))
			ignored := 0
			for _, o := range tc.want {
				if o == skipped {
					ignored++
				}
			}
			w.same("counted", int64(ignored), w.stats().Skipped[SkipIgnored])
			w.clean()
		})
	}
}

// TestIgnoredAgain: what makes an ignored person's hidden id known survives every
// way a batch can be tried again.
func TestIgnoredAgain(t *testing.T) {
	w := newWorld(t, onSQLite)
	w.ignoring()
	w.store.onRecord = func(n int, _ []store.Input) fault {
		return []fault{{before: away()}, {after: away()}, {before: conflict()}, {}}[min(n-1, 3)]
	}
	w.receive(message("toko", staffHidden+"@lid", staffPhone+"@s.whatsapp.net", 1))
	w.run()
	w.receive(mark("toko", staffHidden+"@lid", "1", true, 2))
	w.run()
	w.same("outcomes", repeat("skipped: ignored_number", 2), w.outcomes())
	w.same("identities", []string{staffHidden + "@lid | " + staffPhone}, w.rows("SELECT hidden, phone FROM identities"))
}

// TestIgnoredSince: a number put on the list later is skipped by a replay, and
// what was recorded stays: the log is append-only.
func TestIgnoredSince(t *testing.T) {
	w := newWorld(t, onSQLite)
	w.receive(mark("toko", staffPhone+"@c.us", "1", true, 1), mark("toko", "6281299900011@c.us", "1", true, 2))
	w.run()
	w.ignoring()
	done, err := w.pipeline().Replay(t.Context(), inbox.Filter{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	w.same("replayed", Replayed{Bodies: 2, Recorded: 1, Skipped: map[string]int{SkipIgnored: 1}}, done)
	w.same("outcomes", []string{"skipped: ignored_number", "done"}, w.outcomes())
	w.same("rows", []string{"2"}, w.rows("SELECT COUNT(*) FROM label_events"))
}
