package pipeline

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"tandai/internal/inbox"
	"tandai/internal/waha"
)

var allSkips = []string{SkipGroup, SkipBroadcast, SkipNewsletter, SkipOtherChat, SkipIgnored, SkipUnknown, SkipUnused}

// FuzzPipeline: whatever comes to the door ends as exactly one of rejected,
// quarantined, skipped or recorded, and the same way each time.
func FuzzPipeline(f *testing.F) {
	key, all := samples(f)
	for _, s := range all {
		f.Add(s.body, s.Headers["x-webhook-hmac"])
		f.Add(s.body[:len(s.body)*2/3], s.Headers["x-webhook-hmac"])
	}
	for _, b := range history(f) {
		f.Add(b, "")
	}
	for _, seed := range []string{"", "{}", "[]", "null", "{\"event\":\"label.chat.added\"}", `{"event":"message","payload":{}}`, strings.Repeat("[", 10000), "\xff\xfe", "\x00"} {
		f.Add([]byte(seed), strings.Repeat("0", 128))
	}
	p := New(Config{Now: func() time.Time { return now0 }})
	keys := waha.Keys{[]byte("another key"), key}
	f.Fuzz(func(t *testing.T, body []byte, signature string) {
		h := http.Header{}
		h.Set(waha.HeaderHmac, signature)
		given, err := hex.DecodeString(signature)
		genuine := false
		for _, k := range keys {
			want, _ := hex.DecodeString(waha.Sign(k, body))
			genuine = genuine || err == nil && bytes.Equal(given, want)
		}
		if rejected := keys.Verify(body, h) != nil; rejected == genuine {
			t.Fatalf("genuine %v, rejected %v", genuine, rejected)
		}
		h.Set(waha.HeaderHmac, waha.Sign(key, body))
		if err := keys.Verify(body, h); err != nil {
			t.Fatalf("signed, yet rejected: %v", err)
		}
		endsOnce(t, p, body, now0)
	})
}

// endsOnce holds what becomes of an authenticated body to its promises.
func endsOnce(t testing.TB, p *Pipeline, body []byte, at time.Time) {
	t.Helper()
	d := delivery(body, at)
	if d.State == inbox.Quarantined { // at the door: the pipeline never sees it
		if d.Reason == "" || !unread(d) {
			t.Errorf("quarantined at the door for %q, unread %v", d.Reason, unread(d))
		}
		return
	}
	if len(d.Body) > len(body)+4096 {
		t.Errorf("%d bytes became %d in the inbox", len(body), len(d.Body))
	}
	it := p.readItem(d)
	if diff := cmp.Diff(it, p.readItem(d), cmp.AllowUnexported(item{})); diff != "" {
		t.Errorf("read twice:\n%s", diff)
	}
	switch it.state {
	case inbox.Done:
		checkInput(t, d, it)
	case inbox.Skipped:
		if it.input != nil || !slices.Contains(allSkips, it.reason) {
			t.Errorf("skipped for %q, adds %+v", it.reason, it.input)
		}
	case inbox.Quarantined:
		if it.input != nil || it.reason == "" || len(it.reason) > 1024 || !utf8.ValidString(it.reason) || strings.ContainsAny(it.reason, "\x00\n") {
			t.Errorf("quarantined for %q, adds %+v", it.reason, it.input)
		}
	default:
		t.Errorf("ends as %v", it.state)
	}
}

func checkInput(t testing.TB, d inbox.Delivery, it item) {
	t.Helper()
	in := it.input
	if in == nil || it.reason != "" {
		t.Fatalf("recorded with reason %q, adds %+v", it.reason, in)
	}
	if in.Session != d.Session || in.At != d.At || waha.CheckSession(in.Session) != nil {
		t.Errorf("session %q at %d, the envelope says %q at %d", in.Session, in.At, d.Session, d.At)
	}
	parts := 0
	for _, is := range []bool{in.Event != nil, in.Change != nil, in.Contact != nil, in.Status != ""} {
		if is {
			parts++
		}
	}
	if parts != 1 || in.Pair != nil && in.Contact == nil || in.Sighting != nil && in.Event == nil {
		t.Errorf("%d parts in one input: %+v", parts, in)
	}
	if in.Event != nil && (in.Event.Session != in.Session || in.Event.At != in.At || it.lead() == "") {
		t.Errorf("event %+v of input %+v", in.Event, in)
	}
	if in.Contact != nil && it.lead() == "" {
		t.Errorf("a message of nobody: %+v", in.Contact)
	}
}

// mangled is a body with something wrong in it, or something odd that is right.
func mangled(r *rand.Rand, body []byte) []byte {
	switch r.IntN(12) {
	case 0: // the wire fails
		b := bytes.Clone(body)
		for range 1 + r.IntN(3) {
			b[r.IntN(len(b))] = byte(r.IntN(256))
		}
		return b
	case 1:
		return body[:r.IntN(len(body))]
	}
	var tree map[string]any
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	if dec.Decode(&tree) != nil {
		return body
	}
	tree["id"] = fmt.Sprint("evt_", r.Uint64()) // or most would be known already
	for range 1 + r.IntN(2) {
		mangle(r, tree)
	}
	out, _ := json.Marshal(tree)
	return out
}

// odd are values that stand where they should not, and some that may.
var odd = []any{
	nil, true, 0, -1, 1.5, json.Number("1e400"), json.Number("99999999999999999999"), "", " ", "x", "0", "1", "\x00", "a\nb", "e\u0301", "\ufffe", "\u202eabc", "🔥🧊",
	"6281299900011@c.us", "201000000000011@lid", "6281299900011:7@s.whatsapp.net", "1203@g.us", "status@broadcast", "x@newsletter", "@", "a@b@c",
	strings.Repeat("9", 21) + "@c.us", strings.Repeat("نص", 100), strings.Repeat("🔥", 255), strings.Repeat("🔥", 256), strings.Repeat("k", 100), strings.Repeat("x", 10<<10),
	[]any{}, []any{1}, map[string]any{}, map[string]any{"id": "1", "name": "Grade A"}, "label.chat.added", "message", "Label.Chat.Added", "session.status",
	json.Number("1795399261"), json.Number("1795399261337"), json.Number("1420070400000"), json.Number("253402300799999"), "İstanbul", "''; DROP TABLE label_events; --", `\`, "a ", " a", "\u00a0",
}

func mangle(r *rand.Rand, tree map[string]any) {
	var keys []string
	for k := range tree {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	if len(keys) == 0 {
		return
	}
	k := keys[r.IntN(len(keys))]
	if sub, ok := tree[k].(map[string]any); ok && r.IntN(4) > 0 {
		mangle(r, sub)
		return
	}
	if r.IntN(6) == 0 {
		delete(tree, k)
		return
	}
	tree[k] = odd[r.IntN(len(odd))]
}

// TestNothingVanishes: thousands of mangled bodies, signed and not, through the
// whole of it. Every one that is authentic ends once, nothing that the pipeline
// lets pass is refused by a database, and nothing makes a database look away.
func TestNothingVanishes(t *testing.T) {
	key, all := samples(t)
	var seeds [][]byte
	for _, s := range all {
		seeds = append(seeds, s.body)
	}
	seeds = append(seeds, history(t)...)
	outcomes := map[string]map[[32]byte]string{}
	for _, on := range engines {
		t.Run(on.name, func(t *testing.T) {
			w := newWorld(t, on)
			w.key, w.cfg.Batch = key, 50
			r := rand.New(rand.NewPCG(1, 2))
			distinct := map[[32]byte]bool{}
			rejected := 0
			p := New(w.cfg)
			var senders errgroup.Group // many at once, to share the syncs of the disk
			senders.SetLimit(64)
			for range 1200 {
				body := mangled(r, seeds[r.IntN(len(seeds))])
				if r.IntN(10) == 0 {
					signature := waha.Sign([]byte("not the key"), body)
					if w.knock(body, signature) == nil {
						t.Fatalf("a forged body is let in: %.200q", body)
					}
					rejected++
					continue
				}
				endsOnce(t, p, body, w.clock.Now())
				if key := itemOf(body).Key; !distinct[key] {
					distinct[key] = true
					senders.Go(func() error { return w.knock(body, waha.Sign(w.key, body)) })
				}
			}
			if err := senders.Wait(); err != nil {
				t.Fatal(err)
			}
			w.run()
			s := w.stats()
			if s.Waiting != 0 || int(s.Received) != len(distinct) || s.Done+s.Quarantined+s.SkippedTotal() != s.Received {
				t.Errorf("of %d deliveries: %+v", len(distinct), s)
			}
			if s.Done < 200 || s.Quarantined < 200 || s.SkippedTotal() < 50 || rejected < 50 {
				t.Errorf("too little of one kind to prove anything: %d done, %d quarantined, %v skipped, %d rejected", s.Done, s.Quarantined, s.Skipped, rejected)
			}
			if got := w.metric("tandai_pipeline_retries_total"); got != 0 {
				t.Errorf("%v batches had to be tried again; log:\n%s", got, w.log)
			}
			events := 0
			outcomes[on.name] = map[[32]byte]string{}
			for _, d := range w.bodies() {
				outcomes[on.name][d.Key] = d.State.String() + " " + d.Reason
				if strings.Contains(d.Reason, "database") {
					t.Errorf("passed by the pipeline, refused by the database: %s\n%s", d.Reason, d.Body)
				}
				if d.State == inbox.Done && strings.HasPrefix(d.Event, "label.chat.") {
					events++
				}
			}
			w.same("rows of the log", []string{fmt.Sprint(events)}, w.rows("SELECT COUNT(*) FROM label_events WHERE source = 'webhook'"))
			w.clean()
		})
	}
	if len(outcomes) == 2 {
		if diff := cmp.Diff(outcomes["SQLite"], outcomes["MariaDB"]); diff != "" {
			t.Errorf("the engines disagree (-SQLite +MariaDB):\n%s", diff)
		}
	}
}
