package label_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"tandai/internal/label"
)

// named is a label.upsert: the label is called name and has a colour.
func named(at int64, id, name string, color int) label.Observation {
	return label.Observation{ID: id, At: at, Name: name, Color: color}
}

// passing is a label object carried by another event.
func passing(at int64, name string) label.Observation { return named(at, "", name, label.NoColor) }

// deleted is a label.deleted, which may say what the label was called.
func deleted(at int64, id, name string) label.Observation {
	return label.Observation{ID: id, At: at, Deleted: true, Name: name, Color: label.NoColor}
}

// showVersions writes versions as "Grade A/3 [0,20)"; no colour is "/-".
func showVersions(versions []label.Version) []string {
	var out []string
	for _, v := range versions {
		color, to := "-", "…"
		if v.Color != label.NoColor {
			color = fmt.Sprint(v.Color)
		}
		if v.To != 0 {
			to = fmt.Sprint(v.To)
		}
		out = append(out, fmt.Sprintf("%s/%s [%d,%s)", v.Name, color, v.From, to))
	}
	return out
}

func TestVersions(t *testing.T) {
	type seen = []label.Observation
	for _, tc := range []struct {
		name string
		in   seen
		want []string
	}{
		{name: "nothing seen"},
		{name: "the first name reaches back to the beginning", in: seen{named(50, "a", "Grade A", 3)}, want: lines("Grade A/3 [0,…)")},
		{name: "a sighting in passing names a label", in: seen{passing(50, "Grade A")}, want: lines("Grade A/- [0,…)")},
		{name: "said again", in: seen{named(50, "a", "Grade A", 3), named(60, "b", "Grade A", 3)}, want: lines("Grade A/3 [0,…)")},
		{name: "renamed", in: seen{named(50, "a", "Grade A", 3), named(60, "b", "Hot", 3)}, want: lines("Grade A/3 [0,60)", "Hot/3 [60,…)")},
		{name: "renamed and back", in: seen{named(50, "a", "Grade A", 3), named(60, "b", "Hot", 3), named(70, "c", "Grade A", 3)},
			want: lines("Grade A/3 [0,60)", "Hot/3 [60,70)", "Grade A/3 [70,…)")},
		{name: "coloured anew", in: seen{named(50, "a", "Grade A", 3), named(60, "b", "Grade A", 4)}, want: lines("Grade A/3 [0,60)", "Grade A/4 [60,…)")},
		{name: "learning the colour is not a change", in: seen{passing(40, "Grade A"), named(50, "a", "Grade A", 3)}, want: lines("Grade A/3 [0,…)")},
		{name: "a sighting without colour forgets none", in: seen{named(50, "a", "Grade A", 3), passing(60, "Grade A")}, want: lines("Grade A/3 [0,…)")},
		{name: "a new name without colour keeps the colour", in: seen{named(50, "a", "Grade A", 3), passing(60, "Hot")}, want: lines("Grade A/3 [0,60)", "Hot/3 [60,…)")},
		{name: "an upsert that says the colour only", in: seen{named(50, "a", "Grade A", 3), named(60, "b", "", 4)}, want: lines("Grade A/3 [0,60)", "Grade A/4 [60,…)")},
		{name: "a colour alone is no version", in: seen{named(50, "a", "", 3)}},
		{name: "a later sighting does not move the beginning", in: seen{passing(90, "Grade A"), passing(10, "Grade A")}, want: lines("Grade A/- [0,…)")},
		{name: "two names in one millisecond: the later id stays", in: seen{named(50, "a", "Grade A", 3), named(60, "b", "Warm", 3), named(60, "c", "Hot", 3)},
			want: lines("Grade A/3 [0,60)", "Hot/3 [60,…)")},
		{name: "another name for no time at all is no change", in: seen{named(50, "a", "Grade A", 3), named(60, "b", "Warm", 3), named(60, "c", "Grade A", 3)}, want: lines("Grade A/3 [0,…)")},
		{name: "and the next name is", in: seen{named(50, "a", "Grade A", 3), named(60, "b", "Warm", 3), named(60, "c", "Grade A", 3), named(60, "d", "Hot", 3)},
			want: lines("Grade A/3 [0,60)", "Hot/3 [60,…)")},
		{name: "but not over a deletion", in: seen{named(50, "a", "Grade A", 3), deleted(60, "d", ""), named(60, "b", "Warm", 3), named(60, "c", "Grade A", 3)},
			want: lines("Grade A/3 [0,60)", "Grade A/3 [60,…)")},

		{name: "deleted", in: seen{named(50, "a", "Grade A", 3), deleted(60, "d", "")}, want: lines("Grade A/3 [0,60)")},
		{name: "deleted before anyone said a name", in: seen{deleted(60, "d", "")}},
		{name: "only its deletion tells the name", in: seen{deleted(60, "d", "Grade A")}, want: lines("Grade A/- [0,60)")},
		{name: "the deletion's name does not rename", in: seen{named(50, "a", "Grade A", 3), deleted(60, "d", "Hot")}, want: lines("Grade A/3 [0,60)")},
		{name: "deleted twice", in: seen{named(50, "a", "Grade A", 3), deleted(60, "d", ""), deleted(70, "e", "")}, want: lines("Grade A/3 [0,60)")},
		{name: "an id used again reaches back to the deletion only", in: seen{named(50, "a", "Grade A", 3), deleted(60, "d", ""), named(80, "b", "Hot", 5)},
			want: lines("Grade A/3 [0,60)", "Hot/5 [60,…)")},
		{name: "used again with the old name is another label", in: seen{named(50, "a", "Grade A", 3), deleted(60, "d", ""), named(80, "b", "Grade A", 3)},
			want: lines("Grade A/3 [0,60)", "Grade A/3 [60,…)")},
		{name: "used and deleted twice, the second life known by its deletion", in: seen{named(50, "a", "Grade A", 3), deleted(60, "d", ""), deleted(80, "e", "Hot")},
			want: lines("Grade A/3 [0,60)", "Hot/- [60,80)")},
		{name: "a nameless life in the middle", in: seen{named(50, "a", "Grade A", 3), deleted(60, "d", ""), deleted(80, "e", ""), named(90, "b", "Hot", 5)},
			want: lines("Grade A/3 [0,60)", "Hot/5 [80,…)")},
		{name: "made again in the millisecond of the deletion", in: seen{named(50, "a", "Grade A", 3), deleted(60, "d", ""), named(60, "b", "Hot", 5)},
			want: lines("Grade A/3 [0,60)", "Hot/5 [60,…)")},
		{name: "the colour of a former life is forgotten", in: seen{named(50, "a", "Grade A", 3), deleted(60, "d", ""), passing(80, "Hot")},
			want: lines("Grade A/3 [0,60)", "Hot/- [60,…)")},
		{name: "two deletions in one millisecond, both with a name", in: seen{deleted(60, "d", "Grade A"), deleted(60, "e", "Grade B")}, want: lines("Grade A/- [0,60)")},
		{name: "two deletions in one millisecond, the second with a name", in: seen{deleted(60, "d", ""), deleted(60, "e", "Grade B")}, want: lines("Grade B/- [0,60)")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for how, in := range map[string]seen{"as written": tc.in, "reversed": reversed(tc.in), "doubled": append(reversed(tc.in), tc.in...)} {
				if diff := cmp.Diff(tc.want, showVersions(label.Versions(in))); diff != "" {
					t.Errorf("%s (-want +got)\n%s", how, diff)
				}
			}
		})
	}
}

func TestNameAt(t *testing.T) {
	renamedThenReused := label.Versions([]label.Observation{
		named(50, "a", "Grade A", 3), named(60, "b", "Hot", 3), deleted(80, "d", ""), deleted(90, "e", ""), named(95, "c", "🔥", 5),
	})
	for _, tc := range []struct {
		name   string
		status label.Status
		at     int64
		want   string
	}{
		{"an add long before the first name", label.Added, 1, "Grade A"},
		{"an add just before the rename", label.Added, 59, "Grade A"},
		{"an add at the rename has the new name", label.Added, 60, "Hot"},
		{"a removal at the rename had the old name", label.Removed, 60, "Grade A"},
		{"a removal just after it", label.Removed, 61, "Hot"},
		{"a removal that the deletion brought", label.Removed, 80, "Hot"},
		{"an add at the deletion is of no life that has a name", label.Added, 80, ""},
		{"an add in a life nobody named", label.Added, 85, ""},
		{"a removal at the end of that life", label.Removed, 90, ""},
		{"an add before the new life's first name", label.Added, 90, "🔥"},
		{"a removal in the new life", label.Removed, 91, "🔥"},
		{"long after", label.Added, 1 << 50, "🔥"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := label.NameAt(renamedThenReused, tc.status, tc.at); got != tc.want {
				t.Errorf("NameAt(%s, %d) = %q, want %q", tc.status, tc.at, got, tc.want)
			}
		})
	}
	if got := label.NameAt(nil, label.Added, 1); got != "" {
		t.Errorf("a label without versions is called %q", got)
	}
}

func drawObservations(t *rapid.T) []label.Observation {
	var seen []label.Observation
	for i := range rapid.IntRange(0, 10).Draw(t, "seen") {
		o := label.Observation{
			At:      rapid.Int64Range(1, 12).Draw(t, "at"),
			Deleted: rapid.IntRange(0, 3).Draw(t, "deleted") == 0,
			Name:    rapid.SampledFrom([]string{"", "Grade A", "Grade B", "🔥", "🧊", "a", "a "}).Draw(t, "name"),
			Color:   rapid.SampledFrom([]int{label.NoColor, 0, 19, 20}).Draw(t, "color"),
		}
		if o.Deleted || rapid.Bool().Draw(t, "has id") {
			o.ID = fmt.Sprintf("%02d-%02d", rapid.IntRange(0, 99).Draw(t, "id"), i)
		}
		seen = append(seen, o)
	}
	return seen
}

func TestVersions_anyOrderAndDuplication(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seen := drawObservations(t)
		if diff := cmp.Diff(label.Versions(seen), label.Versions(shuffled(t, "seen", seen))); diff != "" {
			t.Fatalf("versions (-want +got)\n%s", diff)
		}
	})
}

// A life runs from one deletion to the next. Inside it versions follow each
// other without gap or overlap, from its very beginning to its very end; and a
// life has versions exactly where something named it.
func TestVersions_fillEachNamedLife(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seen := drawObservations(t)
		versions := label.Versions(seen)
		var ends []int64
		for _, o := range seen {
			if o.Deleted {
				ends = append(ends, o.At)
			}
		}
		slices.Sort(ends)
		ends = slices.Compact(ends)
		from := int64(0)
		for _, to := range append(ends, 0) {
			var life []label.Version
			for _, v := range versions {
				if v.From >= from && (to == 0 || v.From < to) {
					life = append(life, v)
				}
			}
			told := slices.ContainsFunc(seen, func(o label.Observation) bool {
				after := o.At >= from && (to == 0 || o.At < to)
				if o.Deleted {
					after = o.At > from && o.At == to
				}
				return o.Name != "" && after
			})
			if told != (len(life) > 0) {
				t.Fatalf("life [%d,%d): named %v, versions %v", from, to, told, showVersions(life))
			}
			for i, v := range life {
				wantFrom, wantTo := from, to
				if i > 0 {
					wantFrom = life[i-1].To
				}
				if i < len(life)-1 {
					wantTo = life[i+1].From
				}
				if i > 0 && v.Name == life[i-1].Name && v.Color == life[i-1].Color {
					t.Fatalf("life [%d,%d): versions %v change nothing", from, to, showVersions(life))
				}
				if v.From != wantFrom || v.To != wantTo || v.Name == "" || (v.To != 0 && v.To <= v.From) {
					t.Fatalf("life [%d,%d): versions %v", from, to, showVersions(life))
				}
			}
			from = to
		}
	})
}

// Between the first thing said and the next deletion, the name at an instant is
// the name said last.
func TestVersions_nameAtIsTheLastNameSaid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seen := drawObservations(t)
		versions := label.Versions(seen)
		at := rapid.Int64Range(1, 13).Draw(t, "asked at")
		want := ""
		var last label.Observation
		for _, o := range seen {
			if o.At > at || o.Deleted || o.Name == "" || deletedBetween(seen, o.At, at) {
				continue
			}
			if o.At > last.At || (o.At == last.At && (o.ID > last.ID || (o.ID == last.ID && o.Name > last.Name))) {
				last, want = o, o.Name
			}
		}
		if want == "" {
			return // the first name reaches back; TestVersions_fillEachNamedLife holds that
		}
		if got := label.NameAt(versions, label.Added, at); got != want {
			t.Fatalf("at %d: got %q, want %q of %v", at, got, want, showVersions(versions))
		}
	})
}

// deletedBetween tells of a deletion in (from, to].
func deletedBetween(seen []label.Observation, from, to int64) bool {
	return slices.ContainsFunc(seen, func(o label.Observation) bool { return o.Deleted && o.At > from && o.At <= to })
}

func reversed[T any](in []T) []T {
	out := slices.Clone(in)
	slices.Reverse(out)
	return out
}

func TestVersions_leavesItsInputAlone(t *testing.T) {
	in := []label.Observation{named(20, "b", "Hot", 1), named(10, "a", "Grade A", 1)}
	label.Versions(in)
	if in[0].ID != "b" {
		t.Errorf("Versions sorted its input: %v", in)
	}
}
