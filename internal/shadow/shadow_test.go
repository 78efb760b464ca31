package shadow_test

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tandai/internal/shadow"
)

func row(at int64, lead, label string) shadow.Row {
	return shadow.Row{At: at, Lead: lead, LabelID: label, Status: "add_label", Client: "toko", CS: "62811", LabelName: "Grade " + label}
}

func TestCompare(t *testing.T) {
	a, b := row(1000, "62811", "A"), row(1000, "62822", "B")
	renamed := a
	renamed.LabelName = "Grade a"
	bare := a
	bare.LabelName, bare.CS = "", ""
	second := row(1612, "62811", "A")
	rough := row(1000, "62811", "A")
	rough.Precision = 1000
	imported := a
	imported.Source = "import"
	for _, tc := range []struct {
		name        string
		here, there []shadow.Row
		want        shadow.Count
		kinds       []string
	}{
		{"nothing", nil, nil, shadow.Count{}, nil},
		{"both have it", []shadow.Row{a}, []shadow.Row{a}, shadow.Count{Same: 1, Here: 1, There: 1}, nil},
		{"what n8n left empty is no difference", []shadow.Row{a}, []shadow.Row{bare}, shadow.Count{Same: 1, Here: 1, There: 1}, nil},
		{"another name", []shadow.Row{a}, []shadow.Row{renamed}, shadow.Count{Different: 1, Here: 1, There: 1}, []string{shadow.Different}},
		{"n8n was away", []shadow.Row{a}, nil, shadow.Count{OnlyHere: 1, Here: 1}, []string{shadow.OnlyHere}},
		{"Tandai was away", nil, []shadow.Row{a}, shadow.Count{OnlyThere: 1, There: 1}, []string{shadow.OnlyThere}},
		{"two people in one millisecond, one kept", []shadow.Row{a, b}, []shadow.Row{b}, shadow.Count{Same: 1, Overwritten: 1, Here: 2, There: 1}, []string{shadow.Overwritten}},
		{"twice in one millisecond, one kept", []shadow.Row{a, a}, []shadow.Row{a}, shadow.Count{Same: 1, Overwritten: 1, Here: 2, There: 1}, []string{shadow.Overwritten}},
		{"a retry written twice", []shadow.Row{a}, []shadow.Row{a, a}, shadow.Count{Same: 1, Doubled: 1, Here: 1, There: 2}, []string{shadow.Doubled}},
		{"the table says no more than the second", []shadow.Row{second}, []shadow.Row{rough}, shadow.Count{Same: 1, Here: 1, There: 1}, nil},
		{"the same second is not the same event", []shadow.Row{second}, []shadow.Row{a}, shadow.Count{OnlyHere: 1, OnlyThere: 1, Here: 1, There: 1}, []string{shadow.OnlyThere, shadow.OnlyHere}},
		{"known from the table alone", []shadow.Row{imported}, []shadow.Row{a}, shadow.Count{Imported: 1, Here: 1, There: 1}, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, found := shadow.Compare(tc.here, tc.there)
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
			var kinds []string
			for _, f := range found {
				kinds = append(kinds, f.Kind)
			}
			if diff := cmp.Diff(tc.kinds, kinds); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A workflow is made to go wrong in known ways; the comparison finds exactly those,
// in whatever order the rows come, and every row of both sides is accounted for.
func TestCompare_findsWhatWasDone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var here, there []shadow.Row
		want := shadow.Count{}
		n := rapid.IntRange(0, 40).Draw(t, "events")
		for i := range n {
			r := row(int64(i)*10+1, "628"+string(rune('0'+i%7)), string(rune('A'+i%5)))
			here = append(here, r)
			switch rapid.SampledFrom([]string{"fine", "lost", "doubled", "renamed", "overwritten", "unseen"}).Draw(t, "fate") {
			case "fine":
				there = append(there, r)
				want.Same++
			case "lost":
				want.OnlyHere++
			case "doubled":
				there = append(there, r, r)
				want.Same++
				want.Doubled++
			case "renamed":
				other := r
				other.LabelName += " lama"
				there = append(there, other)
				want.Different++
			case "overwritten":
				kept := r
				kept.Lead = "62899" // labelled in the same millisecond
				here = append(here, kept)
				there = append(there, kept)
				want.Overwritten++
				want.Same++
			case "unseen":
				here = here[:len(here)-1]
				there = append(there, r)
				want.OnlyThere++
			}
		}
		want.Here, want.There = len(here), len(there)
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		rng.Shuffle(len(here), func(i, j int) { here[i], here[j] = here[j], here[i] })
		rng.Shuffle(len(there), func(i, j int) { there[i], there[j] = there[j], there[i] })
		got, found := shadow.Compare(here, there)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
		if len(found) != want.OnlyHere+want.OnlyThere+want.Doubled+want.Different+want.Overwritten {
			t.Fatalf("%d findings for %+v", len(found), want)
		}
	})
}

// Whatever the rows, none is counted twice or not at all.
func TestCompare_accounts(t *testing.T) {
	draw := rapid.Custom(func(t *rapid.T) shadow.Row {
		r := row(rapid.Int64Range(1, 4).Draw(t, "at")*500, rapid.SampledFrom([]string{"1", "2"}).Draw(t, "lead"), rapid.SampledFrom([]string{"A", "B"}).Draw(t, "label"))
		r.Precision = rapid.SampledFrom([]int64{1, 1000}).Draw(t, "precision")
		r.LabelName = rapid.SampledFrom([]string{"", "x", "y"}).Draw(t, "name")
		return r
	})
	rapid.Check(t, func(t *rapid.T) {
		here, there := rapid.SliceOfN(draw, 0, 12).Draw(t, "here"), rapid.SliceOfN(draw, 0, 12).Draw(t, "there")
		c, _ := shadow.Compare(here, there)
		both := c.Same + c.Different + c.Imported
		if both+c.OnlyHere+c.Overwritten != len(here) || both+c.OnlyThere+c.Doubled != len(there) {
			t.Fatalf("%+v of %d and %d rows", c, len(here), len(there))
		}
	})
}
