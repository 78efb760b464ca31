package directory

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"tandai/internal/label"
	"tandai/internal/store"
	"tandai/internal/waha/rest"
)

// A read of the labels is a claim, seen at one time, by an API that is known to
// lie: a list may be empty (WAHA #2113) or old (#1577). So it is believed at once
// only where nothing is known. What contradicts what is known is noted, and
// believed when another read agrees, long enough after the first, and nothing
// else was heard in between.

// reading is one list of labels.
type reading struct {
	session string
	at      int64 // when it was asked for, Unix ms
	labels  []rest.Label
	confirm int64 // how long after a note another read may agree with it, ms
}

// verdict is what follows from a reading.
type verdict struct {
	found []store.Input      // names to record
	keep  []store.LabelNote  // contradictions seen for the first time
	drop  []string           // labels whose note is over
	gone  []store.LabelState // missing twice: to be taken as deleted if no chat has them
	again bool               // something waits for another read
}

// compare holds a reading against what is known.
func compare(r reading, known []store.LabelState) verdict {
	var v verdict
	states := map[string]store.LabelState{}
	for _, s := range known {
		states[s.LabelID] = s
	}
	there := map[string]bool{}
	for _, l := range r.labels {
		if !there[l.ID] && fits(l) {
			v.listed(r, l, states[l.ID])
		}
		there[l.ID] = true
	}
	for _, s := range known {
		if !there[s.LabelID] {
			v.missing(r, s)
		}
	}
	v.again = v.again || len(r.labels) == 0
	return v
}

// fits reports whether a label can be recorded at all.
func fits(l rest.Label) bool {
	return l.ID != "" && len(l.ID) <= 64 && utf8.ValidString(l.ID+l.Name) && !strings.ContainsRune(l.ID+l.Name, 0) && utf8.RuneCountInString(l.Name) <= 255
}

func (v *verdict) sight(r reading, l rest.Label, at int64) {
	v.found = append(v.found, store.Input{Session: r.session, At: at, Sighting: &store.LabelSighting{LabelID: l.ID, Name: l.Name, Color: l.Color}})
}

// listed judges a label that is in the list.
func (v *verdict) listed(r reading, l rest.Label, s store.LabelState) {
	done := func() {
		if s.Note != nil {
			v.drop = append(v.drop, l.ID)
		}
	}
	n := s.Note
	switch {
	case l.Name == "":
		// it is there, and that is all this says
		if n != nil && n.Missing {
			done()
		}
	case s.Name == "" && r.at <= s.DeletedAt+minute:
		v.again = true // just deleted: the list may be from before
	case s.Name == "":
		v.sight(r, l, r.at)
		done()
	case s.Name == l.Name && (l.Color == s.Color || l.Color == label.NoColor):
		done()
	case s.Name == l.Name && s.Color == label.NoColor:
		v.sight(r, l, r.at)
		done()
	case n != nil && n.Missing && s.Name != l.Name && n.At > s.From && r.at-n.At >= r.confirm:
		// It was away, and its id has come back under another name: WAHA gave the id to
		// another label. Two reads agree that the old one is no more.
		v.delete(r.session, l.ID, n.At)
		v.sight(r, l, r.at)
		done()
	case n != nil && n.Missing && n.At > s.From:
		v.again = true
	case n != nil && n.Name == l.Name && n.Color == l.Color && n.At > s.From:
		if r.at-n.At < r.confirm {
			v.again = true
			break
		}
		v.sight(r, l, n.At)
		done()
	default:
		v.keep = append(v.keep, store.LabelNote{LabelID: l.ID, Name: l.Name, Color: l.Color, At: r.at})
		v.again = true
	}
}

// missing judges a label that is known and not in the list. Of a list that is
// empty nothing is believed, and WhatsApp's own lists come and go.
func (v *verdict) missing(r reading, s store.LabelState) {
	if s.Name == "" { // no label now
		if s.Note != nil {
			v.drop = append(v.drop, s.LabelID)
		}
		return
	}
	if len(r.labels) == 0 || label.IsWhatsAppList(s.Name) {
		return
	}
	if n := s.Note; n != nil && n.Missing && n.At > s.From && s.AddedAt < n.At {
		if r.at-n.At >= r.confirm {
			v.gone = append(v.gone, s)
		}
		v.again = true
		return
	}
	if r.at <= s.From { // made since
		return
	}
	v.keep = append(v.keep, store.LabelNote{LabelID: s.LabelID, Missing: true, Color: label.NoColor, At: r.at})
	v.again = true
}

// delete says that the label was deleted by the time of its note. Whoever finds
// this out from the same note says the same.
func (v *verdict) delete(session, labelID string, at int64) {
	v.found = append(v.found, deletionOf(session, labelID, at))
}

func deletionOf(session, labelID string, at int64) store.Input {
	return store.Input{Session: session, At: at, Change: &store.LabelChange{
		ID:      label.EventID("", session, "labels.missing", fmt.Sprintf("%s@%d", labelID, at)),
		LabelID: labelID, Deleted: true, At: at, Color: label.NoColor, ReceivedAt: at,
	}}
}
