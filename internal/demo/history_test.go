package demo

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandai/internal/waha/wahasim"
)

func hash(a *Agency) string {
	h := sha256.New()
	for ev := range a.History {
		h.Write(ev.Body)
		h.Write([]byte{'\n'})
	}
	return hex.EncodeToString(h.Sum(nil))
}

func TestHistory_SameSeedSameBytes(t *testing.T) {
	small := Config{Seed: 5, Days: 40, Leads: 600}
	a := newAgency(t, small)
	want := hash(a)
	if got := hash(a); got != want {
		t.Error("a second reading differs")
	}
	if got := hash(newAgency(t, small)); got != want {
		t.Error("a second agency of the same seed differs")
	}
	other := small
	other.Seed = 6
	if hash(newAgency(t, other)) == want {
		t.Error("another seed gives the same")
	}
	// A later end on the same day only adds to it.
	later := small
	later.End = end.Add(5 * time.Hour)
	h, n := sha256.New(), 0
	for ev := range newAgency(t, later).History {
		if ev.At >= end.UnixMilli() {
			n++
			continue
		}
		h.Write(ev.Body)
		h.Write([]byte{'\n'})
	}
	if hex.EncodeToString(h.Sum(nil)) != want || n == 0 {
		t.Errorf("a later end on the same day changes what was before it (%d events more)", n)
	}
}

func TestHistory_InOrderAndWithinBounds(t *testing.T) {
	_, all := history(t)
	if n := len(all); n < 20_000 || n > 40_000 {
		t.Errorf("%d events, want 20 to 40 thousand", n)
	}
	ids := map[string]bool{}
	last := midnight(end.In(wib)).AddDate(0, 0, -90).UnixMilli()
	for _, b := range all {
		if b.Timestamp < last || b.Timestamp >= end.UnixMilli() {
			t.Fatalf("%s at %d, after one of %d, end %d", b.ID, b.Timestamp, last, end.UnixMilli())
		}
		if ids[b.ID] {
			t.Fatalf("%s came twice", b.ID)
		}
		ids[b.ID] = true
		last = b.Timestamp
	}
}

func TestHistory_TruthIsItsReplay(t *testing.T) {
	for name, cfg := range map[string]Config{
		"default":          {},
		"another seed":     {Seed: 99, Days: 20, Leads: 400},
		"ends at midnight": {Seed: 3, Days: 10, Leads: 300, End: time.Date(2026, 3, 1, 17, 0, 0, 0, time.UTC)},
		"not even a day":   {Seed: 3, Days: 1, Leads: 20},
	} {
		t.Run(name, func(t *testing.T) {
			a, all := history(t)
			if cfg != (Config{}) {
				a, all = newAgency(t, cfg), nil
				for ev := range a.History {
					all = append(all, read(t, ev))
				}
			}
			if diff := cmp.Diff(replay(all, ignored(a)), known(t, a.Truth(), all)); diff != "" {
				t.Errorf("(-replay +truth):\n%s", diff)
			}
		})
	}
}

// known takes from the truth what no event has said yet: names given later on.
func known(t *testing.T, truth []wahasim.Active, all []body) []wahasim.Active {
	t.Helper()
	said := map[[2]string]bool{}
	for _, b := range all {
		if b.Event == "label.upsert" {
			said[[2]string{b.Session, b.Payload.ID}] = true
		}
		if b.Payload.Label != nil {
			said[[2]string{b.Session, b.Payload.LabelID}] = true
		}
	}
	truth = slices.Clone(truth)
	for i, v := range truth {
		if v.Tied {
			t.Errorf("nobody can know whether %+v is there", v)
		}
		if !said[[2]string{v.Session, v.LabelID}] {
			truth[i].LabelName = ""
		}
	}
	return truth
}

var leadNumber = regexp.MustCompile(`^628\d{2}(99\d\d)\d{4}$`)

func TestHistory_NumbersAreMadeUp(t *testing.T) {
	_, all := history(t)
	for _, b := range all {
		for _, id := range []string{b.Me.id(), b.chat(), b.Payload.Data.Info.SenderAlt, b.Payload.Data.Key.RemoteJidAlt} {
			digits, domain, _ := strings.Cut(id, "@")
			digits, _, _ = strings.Cut(digits, ":")
			if (domain == "c.us" || domain == "s.whatsapp.net") && !leadNumber.MatchString(digits) {
				t.Fatalf("%s may be somebody's number", digits)
			}
		}
	}
	seen := map[string]bool{}
	for n := range 82_000 { // past the first 80,000 the ranges continue lower
		who := identityOf(n)
		if seen[who.phone] || seen[who.lid] || n%97 == 0 && !leadNumber.MatchString(who.phone) || len(who.lid) != 15 {
			t.Fatalf("person %d: %+v", n, who)
		}
		seen[who.phone], seen[who.lid] = true, true
	}
}

func (m *meOf) id() string {
	if m == nil {
		return ""
	}
	return m.ID
}

func TestClients(t *testing.T) {
	a, all := history(t)
	sessions := map[string]string{} // name: number
	for _, c := range a.Clients() {
		if _, err := time.LoadLocation(c.Timezone); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff([]string{"Grade A", "Grade B", "Grade C", "Grade D", "Grade E"}, c.Grades); diff != "" {
			t.Error(diff)
		}
		if len(c.Ignore) == 0 || len(c.Won) == 0 || len(c.Lost) == 0 {
			t.Errorf("%s has nothing to ignore, win or lose", c.Name)
		}
		for _, s := range c.Sessions {
			if !strings.HasPrefix(s.Name, c.Name+"_") || sessions[s.Name] != "" {
				t.Errorf("session %q of %q", s.Name, c.Name)
			}
			sessions[s.Name] = s.Number
		}
	}
	engines := map[string]map[string]bool{}
	for _, b := range all {
		number, ok := sessions[b.Session]
		if !ok {
			t.Fatalf("session %q is not in the configuration", b.Session)
		}
		if b.Me != nil && b.Me.ID != number+"@c.us" {
			t.Fatalf("%s is %s, in the configuration %s", b.Session, b.Me.ID, number)
		}
		e := b.Environment.Engine
		if engines[e] == nil {
			engines[e] = map[string]bool{}
		}
		engines[e][b.Session] = true
	}
	if len(a.Clients()) != 3 || len(sessions) != 8 || len(engines["GOWS"]) != 5 || len(engines["NOWEB"]) != 2 || len(engines["WPP"]) != 1 {
		t.Errorf("%d clients, %d sessions, engines %v", len(a.Clients()), len(sessions), engines)
	}
}

func TestNew_Refusals(t *testing.T) {
	for name, cfg := range map[string]Config{"no end": {}, "negative days": {End: end, Days: -1}, "negative leads": {End: end, Leads: -1}} {
		if _, err := New(cfg); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}
