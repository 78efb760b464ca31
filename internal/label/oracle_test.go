package label_test

import (
	"slices"
	"strings"

	"tandai/internal/label"
)

// oracle answers what Fold must answer, from the promise's words and without
// walking through the history: it asks, for every instant on its own, whether
// the label was there before and after it, and reads the spans off the answers.
type oracle struct {
	events    []label.Event
	deletions []label.Deletion
}

// at returns this label's events of one millisecond in the order of their ids.
func (o oracle) at(labelID string, at int64) []label.Event {
	seen := map[string]label.Event{}
	for _, e := range o.events {
		if e.LabelID == labelID && e.At == at && e.Source != label.FromLabelDeleted {
			seen[e.ID] = e
		}
	}
	var out []label.Event
	for _, e := range seen {
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b label.Event) int { return strings.Compare(a.ID, b.ID) })
	return out
}

func (o oracle) deletedAt(labelID string, at int64) bool {
	return slices.ContainsFunc(o.deletions, func(d label.Deletion) bool { return d.LabelID == labelID && d.At == at })
}

// instants are the milliseconds in which anything was said of the label.
func (o oracle) instants(labelID string) []int64 {
	var out []int64
	for _, e := range o.events {
		if e.LabelID == labelID && e.Source != label.FromLabelDeleted {
			out = append(out, e.At)
		}
	}
	for _, d := range o.deletions {
		if d.LabelID == labelID {
			out = append(out, d.At)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// presentAfter is whether the label is on the lead once all of millisecond at
// has happened. Only the last instant that says anything matters: an event says
// it outright; a deletion says "no", unless the stay began in that very
// millisecond, which takes an add at its end and an absence before that add.
func (o oracle) presentAfter(labelID string, at int64) bool {
	all := o.instants(labelID)
	for i := len(all) - 1; i >= 0; i-- {
		if all[i] > at {
			continue
		}
		said := o.at(labelID, all[i])
		if !o.deletedAt(labelID, all[i]) {
			return said[len(said)-1].Status == label.Added
		}
		if len(said) == 0 || said[len(said)-1].Status == label.Removed {
			return false
		}
		removed := slices.ContainsFunc(said, func(e label.Event) bool { return e.Status == label.Removed })
		return removed || !o.presentAfter(labelID, all[i]-1)
	}
	return false
}

// spans reads the stays of one label off the states before and after each
// instant, in the notation of showSpans.
func (o oracle) spans(labelID string) []label.Span {
	var out []label.Span
	for _, at := range o.instants(labelID) {
		said := o.at(labelID, at)
		adds := slices.ContainsFunc(said, func(e label.Event) bool { return e.Status == label.Added })
		removals := o.deletedAt(labelID, at) || slices.ContainsFunc(said, func(e label.Event) bool { return e.Status == label.Removed })
		before, after := o.presentAfter(labelID, at-1), o.presentAfter(labelID, at)
		// A stay ends here when it is over afterwards, or when an event took it
		// away before another brought it back.
		ends := before && (!after || slices.ContainsFunc(said, func(e label.Event) bool { return e.Status == label.Removed }))
		// The add that begins a stay here: the first at which the label is absent.
		begin := -1
		for i, e := range said {
			absent := !before || slices.ContainsFunc(said[:i], func(e label.Event) bool { return e.Status == label.Removed })
			if e.Status == label.Added && absent {
				begin = i
				break
			}
		}
		if ends {
			out[len(out)-1].EndedAt = at
			out[len(out)-1].Ambiguous = out[len(out)-1].Ambiguous || (adds && removals)
		}
		if begin >= 0 {
			e := said[begin]
			s := label.Span{Session: e.Session, Lead: e.Lead, LabelID: labelID, StartedAt: at, StartUnknown: e.StartUnknown,
				Ambiguous: adds && removals, ChatID: e.ChatID, Client: e.Client, CS: e.CS}
			if !after {
				s.EndedAt = at
			}
			out = append(out, s)
		}
	}
	return out
}

// latest is the query the analysts have always run, in Go: the newest row of
// each label, where it is an add.
func latest(rows []label.Event) []string {
	newest := map[string]label.Event{}
	for _, e := range rows {
		if have, ok := newest[e.LabelID]; !ok || e.At > have.At {
			newest[e.LabelID] = e
		}
	}
	var out []string
	for id, e := range newest {
		if e.Status == label.Added {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// tied tells the labels of which two rows share a millisecond: there the
// analysts' query picks either.
func tied(rows []label.Event) map[string]bool {
	type instant struct {
		labelID string
		at      int64
	}
	seen, out := map[instant]bool{}, map[string]bool{}
	for _, e := range rows {
		k := instant{e.LabelID, e.At}
		out[e.LabelID] = out[e.LabelID] || seen[k]
		seen[k] = true
	}
	return out
}
