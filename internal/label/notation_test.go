package label_test

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"

	"tandai/internal/label"
)

// The tables of this package write histories and spans in a short form, so that
// a case fits on a line.

const (
	session = "hansarang_cs1"
	person  = "6285678000111"
)

// add is "label 1 was put on the lead at at"; id is its place among events of
// the same millisecond.
func add(at int64, id string) label.Event { return change(label.Added, "1", at, id) }

// del is "label 1 was taken off".
func del(at int64, id string) label.Event { return change(label.Removed, "1", at, id) }

// found is "label 1 was there already when we first looked".
func found(at int64, id string) label.Event {
	e := add(at, id)
	e.Source, e.StartUnknown = label.FromSnapshot, true
	return e
}

// on moves an event or a deletion to another label.
func on(labelID string, e label.Event) label.Event { e.LabelID = labelID; return e }

func change(status label.Status, labelID string, at int64, id string) label.Event {
	return label.Event{
		ID: id, Session: session, ChatID: person + "@c.us", LabelID: labelID, Status: status, At: at,
		Source: label.FromWebhook, ReceivedAt: at + 1, Client: "hansarang", CS: "6281234000222", Lead: person,
	}
}

// gone is "label 1 itself was deleted at at".
func gone(at int64, id string) label.Deletion {
	return label.Deletion{ID: id, Session: session, LabelID: "1", At: at, ReceivedAt: at + 1}
}

// showSpans writes spans as "1 [10,20)", an active one as "1 [10,…)", followed
// by "ambiguous" and "found" where they are.
func showSpans(spans []label.Span) []string {
	var out []string
	for _, s := range spans {
		end := "…"
		if !s.Active() {
			end = fmt.Sprint(s.EndedAt)
		}
		text := fmt.Sprintf("%s [%d,%s)", s.LabelID, s.StartedAt, end)
		if s.Ambiguous {
			text += " ambiguous"
		}
		if s.StartUnknown {
			text += " found"
		}
		out = append(out, text)
	}
	return out
}

// showRows writes derived log rows as "1 removed at 20".
func showRows(rows []label.Event) []string {
	var out []string
	for _, e := range rows {
		word := map[label.Status]string{label.Added: "added", label.Removed: "removed"}[e.Status]
		out = append(out, fmt.Sprintf("%s %s at %d", e.LabelID, word, e.At))
	}
	return out
}

// drawHistory draws events of one lead and deletions of labels, crowded into few
// labels and milliseconds so that ties, repeats and contradictions are the rule.
func drawHistory(t *rapid.T) ([]label.Event, []label.Deletion) {
	instants := int64(rapid.SampledFrom([]int{3, 12, 60}).Draw(t, "instants"))
	labelIDs := rapid.SampledFrom([]string{"1", "2", "3"})
	at := rapid.Int64Range(1, instants)
	status := rapid.SampledFrom([]label.Status{label.Added, label.Added, label.Removed})
	var events []label.Event
	for i := range rapid.IntRange(0, 14).Draw(t, "events") {
		// The ids are drawn so that they do not follow the order of drawing.
		id := fmt.Sprintf("%02d-%02d", rapid.IntRange(0, 99).Draw(t, "id"), i)
		e := change(status.Draw(t, "status"), labelIDs.Draw(t, "label"), at.Draw(t, "at"), id)
		e.ChatID = rapid.SampledFrom([]string{person + "@c.us", "2010@lid"}).Draw(t, "chat")
		e.StartUnknown = e.Status == label.Added && rapid.IntRange(0, 5).Draw(t, "found") == 0
		events = append(events, e)
	}
	var deletions []label.Deletion
	for i := range rapid.IntRange(0, 4).Draw(t, "deletions") {
		d := gone(at.Draw(t, "gone at"), fmt.Sprintf("d%02d-%02d", rapid.IntRange(0, 99).Draw(t, "deletion id"), i))
		d.LabelID = labelIDs.Draw(t, "deleted label")
		deletions = append(deletions, d)
	}
	return events, deletions
}

// shuffled is a permutation of in with some of it repeated.
func shuffled[T any](t *rapid.T, name string, in []T) []T {
	if len(in) == 0 {
		return nil
	}
	out := append([]T(nil), in...)
	out = append(out, rapid.SliceOfN(rapid.SampledFrom(in), 0, len(in)).Draw(t, name+" repeated")...)
	return rapid.Permutation(out).Draw(t, name+" shuffled")
}

func lines(texts ...string) []string {
	var out []string
	for _, s := range texts {
		out = append(out, strings.TrimSpace(s))
	}
	return out
}
