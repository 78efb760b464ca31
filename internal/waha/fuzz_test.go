package waha

import (
	"bytes"
	"encoding/json"
	"errors"
	"hash/crc32"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// maxReduced is more than any reduced body can take: every word and text of the
// allow-list at its longest.
const maxReduced = 24 << 10

// planted are message bodies, complete but for what the fuzzer adds, in which
// the secret stands as a text. Whatever follows it, it must not be kept.
var planted = []struct{ before, after string }{
	{`{"event":"message","id":"e","timestamp":1,"session":"s","payload":{"body":"` + secret + `",`, `"from":"62812@c.us"}}`},
	{`{"event":"message.any","payload":{"_data":{"Message":{"conversation":"` + secret + `",`, `"x":{}}}}}`},
	{`{"event":"message","payload":{"_data":{"Message":{"imageMessage":{"caption":"` + secret + `","contextInfo":{`, `"isForwarded":true}}}}}}`},
	{`{"event":"message","payload":{"_data":{"Message":{"x":{"contextInfo":{"externalAdReply":{"body":"` + secret + `",`, `"sourceType":"ad"}}}}}}}`},
	{`{"event":"message","text":"` + secret + `",`, `"payload":{}}`},
	{`{"event":"session.status","payload":{"status":"X","data":{"code":"` + secret + `",`, `"reachoutTimelock":null}}}`},
	{`{"event":"message.ack","payload":{"text":"` + secret + `"},`, `"session":"s"}`},
	{`{"text":"` + secret + `",`, `"payload":{}}`},
}

func FuzzKeepDecode(f *testing.F) {
	_, all := samples(f)
	for _, s := range all {
		f.Add(s.body)
		f.Add(s.body[:len(s.body)/2])
		f.Add(Keep(s.body).Body)
	}
	for _, seed := range []string{
		`"a":1,`, `"_data":{"key":{"remoteJid":"62812@c.us"}},`, `"body":"x","event":"label.upsert",`, `"payload":{},`, `}},"event":"x","y":{"z":{`,
		`"status":"X","data":{"code":"1"},`, `"_referral":{"title":"x"},`, `"externalAdReply":{"sourceId":"1","title":"t"},`, `"message":{"y":{"contextInfo":{"utm":{"utmSource":"u"}}}},`,
		`{"event":"label.upsert","Event":"message","payload":{"id":"1"}}`, `{"head":"","bytes":1,"sha256":"` + strings.Repeat("0", 64) + `"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		before := bytes.Clone(body)
		checkKept(t, body)
		if !bytes.Equal(before, body) {
			t.Error("the body that came was written to")
		}
		if bytes.Contains(body, []byte("rahasia")) || bytes.Contains(body, []byte(`\u`)) {
			return // the fuzzer may have put the secret where it may stay
		}
		// The addition comes after the secret, so no way of ending objects early
		// can change what the secret is. One planting an input, for speed.
		p := planted[crc32.ChecksumIEEE(body)%uint32(len(planted))]
		k := checkKept(t, slices.Concat([]byte(p.before), body, []byte(p.after)))
		added := strings.HasPrefix(k.Head.Event, "label.") // to the one that has no event
		if bytes.Contains(k.Body, []byte(secret)) && !added {
			t.Errorf("the secret is kept: %s", k.Body)
		}
	})
}

// testingT is what *testing.T and *rapid.T share.
type testingT interface {
	Error(args ...any)
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// checkKept holds Keep and Decode to what they promise for any body.
func checkKept(t testingT, body []byte) Kept {
	k := Keep(body)
	if !json.Valid(k.Body) || !utf8.Valid(k.Body) {
		t.Fatalf("kept what is no JSON: %q", k.Body)
	}
	label := strings.HasPrefix(k.Head.Event, "label.") && UseOf(k.Head.Event) == EventUsed
	switch {
	case k.Problem != "":
		if len(k.Body) > 6*maxHead+256 {
			t.Errorf("%d bytes kept of what cannot be read", len(k.Body))
		}
		if k.Head.ID != "" {
			t.Errorf("a body that cannot be read is known as %q", k.Head.ID)
		}
	case label:
		if !bytes.Equal(k.Body, body) {
			t.Errorf("a label event was changed to %s", k.Body)
		}
	case k.Head.Event == EventSessionStatus:
		if len(k.Body) > len(body) {
			t.Errorf("grew from %d to %d bytes", len(body), len(k.Body))
		}
	default:
		if len(k.Body) > maxReduced {
			t.Errorf("%d bytes kept of %s", len(k.Body), k.Head.Event)
		}
	}

	// Whoever reads with encoding/json, and no other case of the key in the body,
	// reads the same event.
	var plain struct{ Event *string }
	if k.Problem == "" && bytes.Count(bytes.ToLower(body), []byte(`event"`)) == 1 {
		if err := json.Unmarshal(body, &plain); err == nil && plain.Event != nil && *plain.Event != k.Head.Event {
			t.Errorf("event %q, encoding/json reads %q", k.Head.Event, *plain.Event)
		}
	}

	again := Keep(k.Body)
	if !bytes.Equal(again.Body, k.Body) {
		t.Errorf("kept again:\n%s\n%s", k.Body, again.Body)
	}
	if again.Head != k.Head || (again.Problem == "") != (k.Problem == "") {
		t.Errorf("kept again, the head %+v (%q) becomes %+v (%q)", k.Head, k.Problem, again.Head, again.Problem)
	}

	d, err := Decode(k.Body)
	if p := (*Problem)(nil); err != nil && (!errors.As(err, &p) || p.Reason == "" || !utf8.ValidString(err.Error()) || len(err.Error()) > 300) {
		t.Errorf("reason %q", err)
	}
	if k.Problem != "" {
		if err == nil {
			t.Error("what cannot be read was decoded")
		}
		return k
	}
	if d.Head != k.Head {
		t.Errorf("Keep's head %+v, Decode's %+v", k.Head, d.Head)
	}
	if err == nil {
		checkDelivery(t, d)
	}
	// The reduction takes nothing that Decode would have used.
	if whole, err2 := Decode(body); err == nil || label {
		if !reflect.DeepEqual(whole, d) || message(err) != message(err2) {
			t.Errorf("%v, whole %v (-whole +kept):\n%s", err, err2, cmp.Diff(whole, d))
		}
	}
	return k
}

// checkDelivery holds a delivery to its doc comments.
func checkDelivery(t testingT, d Delivery) {
	if CheckSession(d.Session) != nil {
		t.Errorf("session %q", d.Session)
	}
	set := 0
	for _, is := range []bool{d.LabelChat != nil, d.LabelEdit != nil, d.Status != nil, d.Message != nil} {
		if is {
			set++
		}
	}
	if want := UseOf(d.Event) == EventUsed; want != (set == 1) || set > 1 {
		t.Errorf("%d parts of a %s", set, d.Event)
	}
	person := func(kind ChatKind, user, id string) {
		if kind.Personal() && (!allDigits(user) || !strings.HasPrefix(id, user)) {
			t.Errorf("chat %q, %v, user %q", id, kind, user)
		}
	}
	if c := d.LabelChat; c != nil {
		person(c.Kind, c.User, c.ChatID)
		if c.Label != nil && c.Label.ID != c.LabelID {
			t.Errorf("label %q of %q", c.Label.ID, c.LabelID)
		}
	}
	if m := d.Message; m != nil {
		person(m.Kind, m.User, m.ChatID)
		if (m.LID == "") != (m.Phone == "") || m.LID != "" && m.LID != m.User && m.Phone != m.User {
			t.Errorf("pair %q %q of %q", m.LID, m.Phone, m.User)
		}
		if m.At <= 0 {
			t.Errorf("at %d", m.At)
		}
	}
	for _, s := range []string{d.Klien, d.Engine, d.Me.ID, d.Me.LID} {
		if strings.ContainsFunc(s, isControl) {
			t.Errorf("control character in %q", s)
		}
	}
}
