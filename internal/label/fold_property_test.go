package label_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"tandai/internal/label"
)

func TestFold_anyOrderAndDuplication(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events, deletions := drawHistory(t)
		spans, rows := label.Fold(events, deletions)
		again, rowsAgain := label.Fold(shuffled(t, "events", events), shuffled(t, "deletions", deletions))
		if diff := cmp.Diff(spans, again); diff != "" {
			t.Fatalf("spans (-want +got)\n%s", diff)
		}
		if diff := cmp.Diff(rows, rowsAgain); diff != "" {
			t.Fatalf("derived rows (-want +got)\n%s", diff)
		}
	})
}

// Batching: a log grows by what each fold derived, some of which a later fold
// takes back; however it was cut, the end is the same.
func TestFold_anyBatching(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events, deletions := drawHistory(t)
		want, wantRows := label.Fold(events, deletions)
		var log []label.Event
		var spans []label.Span
		var rows []label.Event
		pending, pendingDeletions := shuffled(t, "events", events), shuffled(t, "deletions", deletions)
		var seen []label.Deletion
		for first := true; first || len(pending)+len(pendingDeletions) > 0; first = false {
			n := rapid.IntRange(0, len(pending)).Draw(t, "batch")
			m := rapid.IntRange(0, len(pendingDeletions)).Draw(t, "deletions of the batch")
			log, pending = append(log, pending[:n]...), pending[n:]
			seen, pendingDeletions = append(seen, pendingDeletions[:m]...), pendingDeletions[m:]
			spans, rows = label.Fold(log, seen)
			log = slices.DeleteFunc(log, func(e label.Event) bool { return e.Source == label.FromLabelDeleted })
			log = append(log, rows...)
		}
		if diff := cmp.Diff(want, spans); diff != "" {
			t.Fatalf("spans (-want +got)\n%s", diff)
		}
		if diff := cmp.Diff(wantRows, rows); diff != "" {
			t.Fatalf("derived rows (-want +got)\n%s", diff)
		}
	})
}

func TestFold_agreesWithTheOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events, deletions := drawHistory(t)
		o := oracle{events, deletions}
		var want []label.Span
		for _, id := range []string{"1", "2", "3"} {
			want = append(want, o.spans(id)...)
		}
		got, _ := label.Fold(events, deletions)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("spans (-oracle +fold)\n%s", diff)
		}
	})
}

func TestFold_spansNeverOverlap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events, deletions := drawHistory(t)
		spans, _ := label.Fold(events, deletions)
		for i, s := range spans {
			if !s.Active() && s.EndedAt < s.StartedAt {
				t.Fatalf("%v ends before it begins", showSpans(spans[i:i+1]))
			}
			if i == 0 || spans[i-1].LabelID != s.LabelID {
				continue
			}
			before := spans[i-1]
			if before.Active() || before.EndedAt > s.StartedAt || before.StartedAt == s.StartedAt {
				t.Fatalf("%v overlap", showSpans(spans[i-1:i+1]))
			}
		}
	})
}

func TestFold_everySpanBeganWithAnAdd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events, deletions := drawHistory(t)
		spans, rows := label.Fold(events, deletions)
		ended := append(slices.Clone(events), rows...)
		for i, s := range spans {
			if !slices.ContainsFunc(events, func(e label.Event) bool {
				return e.Status == label.Added && e.LabelID == s.LabelID && e.At == s.StartedAt && e.ChatID == s.ChatID && e.StartUnknown == s.StartUnknown
			}) {
				t.Fatalf("no add began %v", showSpans(spans[i:i+1]))
			}
			if !s.Active() && !slices.ContainsFunc(ended, func(e label.Event) bool {
				return e.Status == label.Removed && e.LabelID == s.LabelID && e.At == s.EndedAt
			}) {
				t.Fatalf("no row of the log ends %v", showSpans(spans[i:i+1]))
			}
		}
	})
}

// The reason for derived rows: whoever only has the log and the old query sees
// the same active labels.
func TestFold_analystsQueryAgrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events, deletions := drawHistory(t)
		spans, rows := label.Fold(events, deletions)
		log := append(slices.Clone(events), rows...)
		tie := tied(log)
		var want []string
		for _, s := range spans {
			if s.Active() && !tie[s.LabelID] {
				want = append(want, s.LabelID)
			}
		}
		got := slices.DeleteFunc(latest(log), func(id string) bool { return tie[id] })
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("active labels (-spans +query)\n%s", diff)
		}
	})
}

func TestFold_oneDerivedRowPerSpanADeletionEnded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events, deletions := drawHistory(t)
		spans, rows := label.Fold(events, deletions)
		ids := map[string]bool{}
		for _, r := range rows {
			if ids[r.ID] {
				t.Fatalf("derived id %s twice", r.ID)
			}
			ids[r.ID] = true
			n := 0
			for _, s := range spans {
				if s.LabelID == r.LabelID && s.EndedAt == r.At && s.StartedAt < r.At {
					n++
					if s.ChatID != r.ChatID || s.Lead != r.Lead || s.Client != r.Client || s.CS != r.CS {
						t.Fatalf("row %+v is not of the span it ended %+v", r, s)
					}
				}
			}
			if n != 1 {
				t.Fatalf("%d spans ended by the row %+v", n, r)
			}
		}
	})
}
