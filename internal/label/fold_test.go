package label_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tandai/internal/label"
)

// TestFold walks through promise 2 of the design sentence by sentence. Each
// case is folded as written, reversed and with every input doubled.
func TestFold(t *testing.T) {
	type events = []label.Event
	type deletions = []label.Deletion
	for _, tc := range []struct {
		name    string
		in      events
		deleted deletions
		want    []string
		rows    []string // the derived log rows
	}{
		{name: "nothing at all"},
		{name: "one add", in: events{add(10, "a")}, want: lines("1 [10,…)")},
		{name: "add and removal", in: events{add(10, "a"), del(20, "b")}, want: lines("1 [10,20)")},
		{name: "two stays of one label", in: events{add(10, "a"), del(20, "b"), add(30, "c")}, want: lines("1 [10,20)", "1 [30,…)")},
		{name: "an add of what is present changes nothing", in: events{add(10, "a"), add(15, "b"), del(20, "c")}, want: lines("1 [10,20)")},
		{name: "a removal of what is absent changes nothing", in: events{del(5, "a"), add(10, "b"), del(20, "c"), del(25, "d")}, want: lines("1 [10,20)")},
		{name: "a removal alone leaves no span", in: events{del(5, "a")}},
		{name: "labels do not touch each other", in: events{add(10, "a"), on("2", add(12, "b")), del(20, "c")}, want: lines("1 [10,20)", "2 [12,…)")},
		{name: "a grade moved in one millisecond is not ambiguous: two labels", in: events{add(10, "a"), del(20, "b"), on("2", add(20, "c"))},
			want: lines("1 [10,20)", "2 [20,…)")},
		{name: "labels come in the order of their ids as text", in: events{on("9", add(1, "a")), on("10", add(2, "b"))}, want: lines("10 [2,…)", "9 [1,…)")},

		{name: "inside a millisecond the id decides: removal then add",
			in: events{add(10, "m"), del(20, "a"), add(20, "b")}, want: lines("1 [10,20) ambiguous", "1 [20,…) ambiguous")},
		{name: "inside a millisecond the id decides: add then removal",
			in: events{add(10, "m"), del(20, "b"), add(20, "a")}, want: lines("1 [10,20) ambiguous")},
		{name: "a stay of no length is kept and ambiguous", in: events{add(20, "a"), del(20, "b")}, want: lines("1 [20,20) ambiguous")},
		{name: "removal of what is absent, then add, in one millisecond", in: events{del(20, "a"), add(20, "b")}, want: lines("1 [20,…) ambiguous")},
		{name: "added, removed and added in one millisecond is one span", in: events{add(20, "a"), del(20, "b"), add(20, "c")}, want: lines("1 [20,…) ambiguous")},
		{name: "and it can end later as usual", in: events{add(20, "a"), del(20, "b"), add(20, "c"), del(30, "d")}, want: lines("1 [20,30) ambiguous")},
		{name: "removed, added and removed in one millisecond", in: events{add(10, "m"), del(20, "a"), add(20, "b"), del(20, "c")},
			want: lines("1 [10,20) ambiguous", "1 [20,20) ambiguous")},
		{name: "two adds in one millisecond are not ambiguous", in: events{add(20, "a"), add(20, "b")}, want: lines("1 [20,…)")},
		{name: "two removals in one millisecond are not ambiguous", in: events{add(10, "a"), del(20, "b"), del(20, "c")}, want: lines("1 [10,20)")},
		{name: "an add while present and a removal in one millisecond", in: events{add(10, "a"), add(20, "b"), del(20, "c")}, want: lines("1 [10,20) ambiguous")},
		{name: "a tie marks its own spans only", in: events{add(10, "a"), del(15, "b"), add(20, "c"), del(20, "d"), add(30, "e")},
			want: lines("1 [10,15)", "1 [20,20) ambiguous", "1 [30,…)")},
		{name: "ambiguous at the end, and again at its own beginning", in: events{add(10, "a"), del(10, "b"), add(10, "c"), del(20, "d"), add(20, "e")},
			want: lines("1 [10,20) ambiguous", "1 [20,…) ambiguous")},

		{name: "a deletion ends the span begun before it", in: events{add(10, "a")}, deleted: deletions{gone(20, "d")},
			want: lines("1 [10,20)"), rows: lines("1 removed at 20")},
		{name: "a deletion of a label the lead never had", deleted: deletions{gone(20, "d")}},
		{name: "a deletion of another label", in: events{on("2", add(10, "a"))}, deleted: deletions{gone(20, "d")}, want: lines("2 [10,…)")},
		{name: "a deletion of what was removed already", in: events{add(10, "a"), del(15, "b")}, deleted: deletions{gone(20, "d")}, want: lines("1 [10,15)")},
		{name: "a removal that comes with the deletion", in: events{add(10, "a"), del(20, "b")}, deleted: deletions{gone(20, "d")}, want: lines("1 [10,20)")},
		{name: "a removal after the deletion", in: events{add(10, "a"), del(25, "b")}, deleted: deletions{gone(20, "d")},
			want: lines("1 [10,20)"), rows: lines("1 removed at 20")},
		{name: "a late add before the deletion is ended by it", in: events{add(10, "a"), del(12, "b"), add(15, "c")}, deleted: deletions{gone(20, "d")},
			want: lines("1 [10,12)", "1 [15,20)"), rows: lines("1 removed at 20")},
		{name: "a late add of what was present moves nothing but the beginning", in: events{add(10, "z"), add(5, "a")}, deleted: deletions{gone(20, "d")},
			want: lines("1 [5,20)"), rows: lines("1 removed at 20")},
		{name: "a late removal takes the derived row's place", in: events{add(10, "a"), del(18, "b")}, deleted: deletions{gone(20, "d")}, want: lines("1 [10,18)")},
		{name: "an add after the deletion lives: the id is used again", in: events{add(10, "a"), add(30, "b")}, deleted: deletions{gone(20, "d")},
			want: lines("1 [10,20)", "1 [30,…)"), rows: lines("1 removed at 20")},
		{name: "an id used and deleted three times", in: events{add(10, "a"), add(30, "b"), add(50, "c")}, deleted: deletions{gone(20, "d"), gone(40, "e"), gone(60, "f")},
			want: lines("1 [10,20)", "1 [30,40)", "1 [50,60)"), rows: lines("1 removed at 20", "1 removed at 40", "1 removed at 60")},
		{name: "two deletions in a row: only the first ends anything", in: events{add(10, "a")}, deleted: deletions{gone(20, "d"), gone(21, "e")},
			want: lines("1 [10,20)"), rows: lines("1 removed at 20")},
		{name: "two deletions in one millisecond", in: events{add(10, "a")}, deleted: deletions{gone(20, "d"), gone(20, "e")},
			want: lines("1 [10,20)"), rows: lines("1 removed at 20")},
		{name: "a deletion in the millisecond of the add is not after it", in: events{add(20, "a")}, deleted: deletions{gone(20, "d")}, want: lines("1 [20,…) ambiguous")},
		{name: "an add of what is present, in the millisecond of the deletion", in: events{add(10, "a"), add(20, "b")}, deleted: deletions{gone(20, "d")},
			want: lines("1 [10,20) ambiguous"), rows: lines("1 removed at 20")},
		{name: "removed and added again in the millisecond of the deletion", in: events{add(10, "m"), del(20, "a"), add(20, "b")}, deleted: deletions{gone(20, "d")},
			want: lines("1 [10,20) ambiguous", "1 [20,…) ambiguous")},
		{name: "one deletion ends many labels' worth of history only in its own", in: events{add(10, "a"), on("2", add(11, "b"))},
			deleted: deletions{gone(20, "d")}, want: lines("1 [10,20)", "2 [11,…)"), rows: lines("1 removed at 20")},

		{name: "what was there when we first looked", in: events{found(10, "a"), del(20, "b")}, want: lines("1 [10,20) found")},
		{name: "seen begin before we looked", in: events{add(5, "a"), found(10, "b")}, want: lines("1 [5,…)")},
		{name: "found, removed, and then really added", in: events{found(10, "a"), del(20, "b"), add(30, "c")}, want: lines("1 [10,20) found", "1 [30,…)")},
		{name: "found and ended by a deletion", in: events{found(10, "a")}, deleted: deletions{gone(20, "d")},
			want: lines("1 [10,20) found"), rows: lines("1 removed at 20")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			check := func(how string, in events, deleted deletions) {
				t.Helper()
				spans, rows := label.Fold(in, deleted)
				if diff := cmp.Diff(tc.want, showSpans(spans)); diff != "" {
					t.Errorf("%s: spans (-want +got)\n%s", how, diff)
				}
				if diff := cmp.Diff(tc.rows, showRows(rows)); diff != "" {
					t.Errorf("%s: derived rows (-want +got)\n%s", how, diff)
				}
			}
			check("as written", tc.in, tc.deleted)
			in, deleted := slices.Clone(tc.in), slices.Clone(tc.deleted)
			slices.Reverse(in)
			slices.Reverse(deleted)
			check("reversed", in, deleted)
			check("doubled", append(in, tc.in...), append(deleted, tc.deleted...))
		})
	}
}

func TestFold_leavesItsInputAlone(t *testing.T) {
	in := []label.Event{del(20, "b"), add(10, "a")}
	deleted := []label.Deletion{gone(40, "e"), gone(30, "d")}
	label.Fold(in, deleted)
	if in[0].ID != "b" || deleted[0].ID != "e" {
		t.Errorf("Fold sorted its input: %v %v", in, deleted)
	}
}

func TestFold_passesOverDerivedRows(t *testing.T) {
	in := []label.Event{add(10, "a"), add(30, "b")}
	deleted := []label.Deletion{gone(20, "d"), gone(40, "e")}
	spans, rows := label.Fold(in, deleted)
	if len(rows) != 2 {
		t.Fatalf("got %d derived rows, want 2", len(rows))
	}
	// The log that is read back holds them; and one deletion turns out to have
	// been a mistake of a mapping and is gone, its row is not believed.
	again, rowsAgain := label.Fold(append(in, rows...), deleted)
	if diff := cmp.Diff(spans, again); diff != "" {
		t.Errorf("spans (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(rows, rowsAgain); diff != "" {
		t.Errorf("derived rows (-want +got)\n%s", diff)
	}
	later, _ := label.Fold(append(in, rows...), nil)
	if diff := cmp.Diff(lines("1 [10,…)"), showSpans(later)); diff != "" {
		t.Errorf("without the deletions (-want +got)\n%s", diff)
	}
}

func TestFold_spanTellsWhatBeganIt(t *testing.T) {
	first := add(10, "a")
	first.ChatID, first.Client, first.CS = "2010@lid", "hansarang", "62811"
	second := add(10, "b")
	second.ChatID, second.Client, second.CS = person+"@c.us", "other", "62822"
	spans, _ := label.Fold([]label.Event{second, first, del(20, "c")}, nil)
	want := []label.Span{{Session: session, Lead: person, LabelID: "1", StartedAt: 10, EndedAt: 20, ChatID: "2010@lid", Client: "hansarang", CS: "62811"}}
	if diff := cmp.Diff(want, spans); diff != "" {
		t.Errorf("spans (-want +got)\n%s", diff)
	}
}

func TestFold_derivedRow(t *testing.T) {
	began := add(10, "a")
	began.ChatID, began.NotBefore, began.StartUnknown, began.SaidClient, began.SaidCS = "2010@lid", 3, true, "said", "62899"
	deletion := label.Deletion{ID: "d", Session: session, LabelID: "1", At: 20, ReceivedAt: 999}
	_, rows := label.Fold([]label.Event{began}, []label.Deletion{deletion})
	want := []label.Event{{
		ID: label.DerivedID("d", person), Session: session, ChatID: "2010@lid", LabelID: "1", Status: label.Removed, At: 20,
		Source: label.FromLabelDeleted, ReceivedAt: 999, Client: "hansarang", CS: "6281234000222", Lead: person,
	}}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("derived row (-want +got)\n%s", diff)
	}
}
