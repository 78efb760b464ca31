package label

import (
	"cmp"
	"slices"
)

// Fold turns the history of one lead in one session into the spans of its
// labels, and into the log rows that deletions of whole labels leave behind.
//
// Events may come in any order and more than once; rows that an earlier fold
// derived are passed over. Deletions of labels the lead never had do nothing.
// Inside one label the order is At, then ID. An add of what is present and a
// removal of what is absent change nothing. A deletion ends the span that began
// before it, after all events of its own millisecond. Where an add and a
// removal (or a deletion) share a millisecond, the spans that begin or end
// there are marked ambiguous: WhatsApp stamps both alike, so the true order is
// not known.
//
// Spans come sorted by LabelID and StartedAt, and no two of one label begin in
// the same millisecond. Derived events come in the same order.
func Fold(events []Event, deletions []Deletion) ([]Span, []Event) {
	return Resume(nil, events, deletions)
}

// Resume is Fold from a state in the middle: active are the spans of the lead that
// are active there, and every event and deletion is later than all that led to
// them. It returns the spans of the labels that events are about: the active one
// as it goes on, and those that follow.
func Resume(active []Span, events []Event, deletions []Deletion) ([]Span, []Event) {
	sorted := make([]*Event, 0, len(events))
	for i := range events {
		if events[i].Source != FromLabelDeleted {
			sorted = append(sorted, &events[i])
		}
	}
	slices.SortFunc(sorted, func(a, b *Event) int {
		return cmp.Or(cmp.Compare(a.LabelID, b.LabelID), cmp.Compare(a.At, b.At), cmp.Compare(a.ID, b.ID))
	})
	sorted = slices.CompactFunc(sorted, func(a, b *Event) bool { return a.LabelID == b.LabelID && a.ID == b.ID })

	deletions = slices.Clone(deletions)
	slices.SortFunc(deletions, func(a, b Deletion) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.ID, b.ID))
	})
	deletions = slices.CompactFunc(deletions, func(a, b Deletion) bool { return a.ID == b.ID })

	var spans []Span
	var derived []Event
	for len(sorted) > 0 {
		n := 1
		for n < len(sorted) && sorted[n].LabelID == sorted[0].LabelID {
			n++
		}
		f := labelFold{spans: spans, first: len(spans), derived: derived}
		for _, s := range active {
			if s.LabelID == sorted[0].LabelID {
				f.spans = append(f.spans, s)
			}
		}
		f.run(sorted[:n], deletions)
		spans, derived = f.spans, f.derived
		sorted = sorted[n:]
	}
	return spans, derived
}

// labelFold folds one label of one lead; its own spans start at index first.
type labelFold struct {
	spans   []Span
	first   int
	derived []Event
}

func (f *labelFold) run(events []*Event, deletions []Deletion) {
	labelID := events[0].LabelID
	for len(events) > 0 || len(deletions) > 0 {
		for len(deletions) > 0 && deletions[0].LabelID != labelID {
			deletions = deletions[1:]
		}
		var at int64
		switch {
		case len(events) == 0 && len(deletions) == 0:
			return
		case len(events) == 0:
			at = deletions[0].At
		case len(deletions) == 0:
			at = events[0].At
		default:
			at = min(events[0].At, deletions[0].At)
		}
		var adds, removals bool
		for len(events) > 0 && events[0].At == at {
			if events[0].Status == Added {
				adds = true
				f.add(events[0])
			} else {
				removals = true
				f.remove(at)
			}
			events = events[1:]
		}
		for len(deletions) > 0 && deletions[0].At == at {
			if deletions[0].LabelID == labelID {
				removals = true
				f.delete(deletions[0])
			}
			deletions = deletions[1:]
		}
		if adds && removals {
			f.markAmbiguous(at)
		}
	}
}

func (f *labelFold) last() *Span {
	if len(f.spans) == f.first {
		return nil
	}
	return &f.spans[len(f.spans)-1]
}

func (f *labelFold) add(e *Event) {
	last := f.last()
	if last != nil && last.Active() {
		return
	}
	if last != nil && last.StartedAt == e.At {
		last.EndedAt = 0 // added, removed and added again in one millisecond: one span
		return
	}
	f.spans = append(f.spans, Span{
		Session: e.Session, Lead: e.Lead, LabelID: e.LabelID, StartedAt: e.At, StartUnknown: e.StartUnknown,
		ChatID: e.ChatID, Client: e.Client, CS: e.CS,
	})
}

func (f *labelFold) remove(at int64) {
	if last := f.last(); last != nil && last.Active() {
		last.EndedAt = at
	}
}

func (f *labelFold) delete(d Deletion) {
	last := f.last()
	if last == nil || !last.Active() || last.StartedAt >= d.At {
		return
	}
	last.EndedAt = d.At
	f.derived = append(f.derived, Event{
		ID: DerivedID(d.ID, last.Lead), Session: last.Session, ChatID: last.ChatID, LabelID: last.LabelID,
		Status: Removed, At: d.At, Source: FromLabelDeleted, ReceivedAt: d.ReceivedAt,
		Client: last.Client, CS: last.CS, Lead: last.Lead,
	})
}

func (f *labelFold) markAmbiguous(at int64) {
	for i := len(f.spans) - 1; i >= f.first && (f.spans[i].EndedAt == 0 || f.spans[i].EndedAt >= at); i-- {
		if f.spans[i].StartedAt == at || f.spans[i].EndedAt == at {
			f.spans[i].Ambiguous = true
		}
	}
}
