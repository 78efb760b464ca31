package lead_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tandai/internal/lead"
)

func TestResolve(t *testing.T) {
	type pairs = []lead.Pair
	for _, tc := range []struct {
		name string
		in   pairs
		want lead.Identities
	}{
		{"nothing known", nil, lead.Identities{}},
		{"one pair", pairs{{"1@lid", "62811", 5, 5}}, lead.Identities{"1@lid": "62811"}},
		{"two hidden ids of one phone", pairs{{"1@lid", "62811", 5, 5}, {"2@lid", "62811", 6, 6}}, lead.Identities{"1@lid": "62811", "2@lid": "62811"}},
		{"a phone that changed: the one seen last", pairs{{"1@lid", "62899", 5, 20}, {"1@lid", "62811", 10, 30}}, lead.Identities{"1@lid": "62811"}},
		{"changed and back", pairs{{"1@lid", "62899", 5, 40}, {"1@lid", "62811", 10, 30}}, lead.Identities{"1@lid": "62899"}},
		{"seen first does not count", pairs{{"1@lid", "62899", 25, 20}, {"1@lid", "62811", 1, 30}}, lead.Identities{"1@lid": "62811"}},
		{"seen last in one millisecond: the greatest", pairs{{"1@lid", "62811", 5, 20}, {"1@lid", "62899", 6, 20}}, lead.Identities{"1@lid": "62899"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, lead.Resolve(tc.in)); diff != "" {
				t.Errorf("identities (-want +got)\n%s", diff)
			}
		})
	}
}

func TestIdentities_Of(t *testing.T) {
	ids := lead.Identities{"1@lid": "62811"}
	for _, tc := range []struct{ name, in, want string }{
		{"a phone is itself", "62822@c.us", "62822"},
		{"a hidden id that is known", "1@lid", "62811"},
		{"known, from another device", "1:4@lid", "62811"},
		{"a hidden id that is not known", "2@lid", "2@lid"},
		{"a phone with the digits of a hidden id", "1@c.us", "1"},
		{"a group", "1@g.us", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := ids.Of(tc.in); got != tc.want {
				t.Errorf("Of(%q) = %q, want %q", tc.in, got, tc.want)
			}
		})
	}
	if got := lead.Identities(nil).Of("1@lid"); got != "1@lid" {
		t.Errorf("no identities at all: %q", got)
	}
}

func drawPair(t *rapid.T) lead.Pair {
	first := rapid.Int64Range(1, 9).Draw(t, "first")
	return lead.Pair{
		Hidden: rapid.SampledFrom([]string{"1@lid", "2@lid"}).Draw(t, "hidden"), Phone: rapid.SampledFrom([]string{"62811", "62822", "62833"}).Draw(t, "phone"),
		FirstAt: first, LastAt: first + rapid.Int64Range(0, 9).Draw(t, "for"),
	}
}

func TestResolve_anyOrderAndDuplication(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		claims := rapid.SliceOfN(rapid.Custom(drawPair), 1, 8).Draw(t, "claims")
		more := append(rapid.SliceOf(rapid.SampledFrom(claims)).Draw(t, "repeated"), claims...)
		if diff := cmp.Diff(lead.Resolve(claims), lead.Resolve(rapid.Permutation(more).Draw(t, "shuffled"))); diff != "" {
			t.Fatalf("identities (-want +got)\n%s", diff)
		}
	})
}

// Claims may be merged on the way, as a table with one row per claim does.
func TestResolve_ofMergedClaims(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		claims := rapid.SliceOf(rapid.Custom(drawPair)).Draw(t, "claims")
		table := map[[2]string]lead.Pair{}
		for _, c := range claims {
			k := [2]string{c.Hidden, c.Phone}
			if have, ok := table[k]; ok {
				c = have.Merge(c)
			}
			table[k] = c
		}
		var merged []lead.Pair
		for _, c := range table {
			merged = append(merged, c)
		}
		if diff := cmp.Diff(lead.Resolve(claims), lead.Resolve(merged)); diff != "" {
			t.Fatalf("identities (-want +got)\n%s", diff)
		}
	})
}

func TestPair_Merge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) lead.Pair {
			p := rapid.Custom(drawPair).Draw(t, name)
			p.Hidden, p.Phone = "1@lid", "62811"
			return p
		}
		p, q, r := draw("p"), draw("q"), draw("r")
		if p.Merge(p) != p {
			t.Fatalf("not idempotent: %+v", p.Merge(p))
		}
		if p.Merge(q) != q.Merge(p) {
			t.Fatalf("not commutative: %+v, %+v", p.Merge(q), q.Merge(p))
		}
		if p.Merge(q).Merge(r) != p.Merge(q.Merge(r)) {
			t.Fatalf("not associative: %+v, %+v", p.Merge(q).Merge(r), p.Merge(q.Merge(r)))
		}
		m := p.Merge(q)
		if m.FirstAt > min(p.FirstAt, q.FirstAt) || m.LastAt < max(p.LastAt, q.LastAt) {
			t.Fatalf("%+v does not hold both %+v and %+v", m, p, q)
		}
	})
}
