package directory

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"tandai/internal/label"
	"tandai/internal/store"
	"tandai/internal/waha/rest"
)

const wait = 5 * minute

func read(at int64, labels ...rest.Label) reading {
	return reading{session: "cs1", at: at, labels: labels, confirm: wait}
}

func named(id, name string) rest.Label { return rest.Label{ID: id, Name: name, Color: 1} }

func known(id, name string, from int64) store.LabelState {
	return store.LabelState{LabelID: id, Name: name, Color: 1, From: from}
}

// text of a verdict: "+4 Grade A@100" a name, "-4@100" a deletion, "?4 Grade B@100"
// and "?4 gone@100" notes, "!4" a note that is over, "x4" to be asked about.
func (v verdict) text() []string {
	var out []string
	for _, i := range v.found {
		if i.Change != nil {
			out = append(out, fmt.Sprintf("-%s@%d", i.Change.LabelID, i.Change.At))
			continue
		}
		out = append(out, fmt.Sprintf("+%s %s@%d", i.Sighting.LabelID, i.Sighting.Name, i.At))
	}
	for _, n := range v.keep {
		what := n.Name
		if n.Missing {
			what = "gone"
		}
		out = append(out, fmt.Sprintf("?%s %s@%d", n.LabelID, what, n.At))
	}
	for _, id := range v.drop {
		out = append(out, "!"+id)
	}
	for _, g := range v.gone {
		out = append(out, "x"+g.LabelID)
	}
	return out
}

func TestCompare(t *testing.T) {
	note := func(s store.LabelState, n store.LabelNote) store.LabelState {
		n.LabelID = s.LabelID
		s.Note = &n
		return s
	}
	missing := func(at int64) store.LabelNote { return store.LabelNote{Missing: true, Color: label.NoColor, At: at} }
	called := func(name string, at int64) store.LabelNote { return store.LabelNote{Name: name, Color: 1, At: at} }
	a := known("4", "Grade A", 10)
	at := hour
	soon, late := at-wait+1, at-wait
	for _, tc := range []struct {
		name  string
		read  reading
		known []store.LabelState
		want  []string
		again bool
	}{
		{"nothing is known: believed at once", read(at, named("4", "Grade A"), named("5", "Grade B")), nil, []string{"+4 Grade A@3600000", "+5 Grade B@3600000"}, false},
		{"as known", read(at, named("4", "Grade A")), []store.LabelState{a}, nil, false},
		{"a colour nobody knew", read(at, named("4", "Grade A")), []store.LabelState{{LabelID: "4", Name: "Grade A", Color: label.NoColor}}, []string{"+4 Grade A@3600000"}, false},
		{"no colour in the answer", read(at, rest.Label{ID: "4", Name: "Grade A", Color: label.NoColor}), []store.LabelState{a}, nil, false},
		{"no name in the answer", read(at, rest.Label{ID: "4", Color: 1}), []store.LabelState{a}, nil, false},
		{"the same id twice", read(at, named("4", "Grade A"), named("4", "Grade B")), []store.LabelState{a}, nil, false},
		{"a name that does not fit", read(at, named("4", string(make([]rune, 256)))), []store.LabelState{a}, nil, false},

		{"another name, seen once", read(at, named("4", "Grade B")), []store.LabelState{a}, []string{"?4 Grade B@3600000"}, true},
		{"another name, again but soon", read(at, named("4", "Grade B")), []store.LabelState{note(a, called("Grade B", soon))}, nil, true},
		{"another name, twice", read(at, named("4", "Grade B")), []store.LabelState{note(a, called("Grade B", late))}, []string{fmt.Sprintf("+4 Grade B@%d", late), "!4"}, false},
		{"a third name", read(at, named("4", "Grade C")), []store.LabelState{note(a, called("Grade B", late))}, []string{"?4 Grade C@3600000"}, true},
		{"another name, then as known", read(at, named("4", "Grade A")), []store.LabelState{note(a, called("Grade B", late))}, []string{"!4"}, false},
		{"an event named it since the note", read(at, named("4", "Grade B")), []store.LabelState{note(known("4", "Grade C", late+1), called("Grade B", late))}, []string{"?4 Grade B@3600000"}, true},

		{"missing, seen once", read(at, named("5", "x")), []store.LabelState{a, known("5", "x", 1)}, []string{"?4 gone@3600000"}, true},
		{"missing, again but soon", read(at, named("5", "x")), []store.LabelState{note(a, missing(soon)), known("5", "x", 1)}, nil, true},
		{"missing, twice", read(at, named("5", "x")), []store.LabelState{note(a, missing(late)), known("5", "x", 1)}, []string{"x4"}, true},
		{"the list is empty", read(at), []store.LabelState{a, note(known("5", "x", 1), missing(late))}, nil, true},
		{"missing, but put on a chat since", read(at, named("5", "x")), []store.LabelState{note(store.LabelState{LabelID: "4", Name: "Grade A", AddedAt: late}, missing(late)), known("5", "x", 1)}, []string{"?4 gone@3600000"}, true},
		{"missing, but made after the note", read(at, named("5", "x")), []store.LabelState{note(known("4", "Grade A", late), missing(late)), known("5", "x", 1)}, []string{"?4 gone@3600000"}, true},
		{"missing, and made after the read", read(at, named("5", "x")), []store.LabelState{known("4", "Grade A", at), known("5", "x", 1)}, nil, false},
		{"missing, and back", read(at, named("4", "Grade A")), []store.LabelState{note(a, missing(late))}, []string{"!4"}, false},
		{"WhatsApp's own list is missing", read(at, named("4", "Grade A")), []store.LabelState{a, known("9", "\u200eUnread", 1)}, nil, false},
		{"deleted, and missing", read(at, named("5", "x")), []store.LabelState{note(store.LabelState{LabelID: "4", DeletedAt: 100}, missing(late)), known("5", "x", 1)}, []string{"!4"}, false},

		{"its id came back as another label", read(at, named("4", "VIP")), []store.LabelState{note(a, missing(late))}, []string{fmt.Sprintf("-4@%d", late), "+4 VIP@3600000", "!4"}, false},
		{"its id came back as another label, soon", read(at, named("4", "VIP")), []store.LabelState{note(a, missing(soon))}, nil, true},
		{"deleted long ago, and there", read(at, named("4", "VIP")), []store.LabelState{{LabelID: "4", DeletedAt: at - minute - 1}}, []string{"+4 VIP@3600000"}, false},
		{"deleted just now, and there", read(at, named("4", "Grade A")), []store.LabelState{{LabelID: "4", DeletedAt: at - minute}}, nil, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			v := compare(tc.read, tc.known)
			if diff := cmp.Diff(tc.want, v.text(), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("verdict (-want +got)\n%s", diff)
			}
			if v.again != tc.again {
				t.Errorf("again = %v, want %v", v.again, tc.again)
			}
		})
	}
}

// A read that lies once, whatever it says, changes nothing that was known.
func TestCompare_oneLie(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		id, name := rapid.SampledFrom([]string{"1", "2", "3", "4"}), rapid.SampledFrom([]string{"Grade A", "Grade B", "VIP", "🔥"})
		truth := map[string]string{}
		for range rapid.IntRange(1, 4).Draw(t, "labels") {
			truth[id.Draw(t, "id")] = name.Draw(t, "name")
		}
		lie := map[string]string{}
		for range rapid.IntRange(0, 4).Draw(t, "lies") {
			lie[id.Draw(t, "lie's id")] = name.Draw(t, "lie's name")
		}
		states := map[string]store.LabelState{}
		for i, n := range truth {
			states[i] = known(i, n, 10)
		}
		at, n := hour, rapid.IntRange(2, 6).Draw(t, "reads")
		lied := rapid.IntRange(0, n-1).Draw(t, "lie at")
		for r := range n {
			at += rapid.Int64Range(1, 2*wait).Draw(t, "later")
			shown := truth
			if r == lied {
				shown = lie
			}
			var labels []rest.Label
			for i, name := range shown {
				labels = append(labels, named(i, name))
			}
			var all []store.LabelState
			for _, s := range states {
				all = append(all, s)
			}
			v := compare(read(at, labels...), all)
			for _, i := range v.found {
				if i.Change != nil {
					t.Fatalf("read %d: label %s deleted", r, i.Change.LabelID)
				}
				if _, real := truth[i.Sighting.LabelID]; real {
					t.Fatalf("read %d: label %s called %q", r, i.Sighting.LabelID, i.Sighting.Name)
				}
				states[i.Sighting.LabelID] = known(i.Sighting.LabelID, i.Sighting.Name, i.At) // a label that is not: a name nobody carries
			}
			for _, g := range v.gone {
				if _, real := truth[g.LabelID]; real {
					t.Fatalf("read %d: label %s taken for deleted", r, g.LabelID)
				}
			}
			for _, id := range v.drop {
				s := states[id]
				s.Note = nil
				states[id] = s
			}
			for _, note := range v.keep {
				s := states[note.LabelID]
				s.LabelID, s.Note = note.LabelID, &note
				states[note.LabelID] = s
			}
		}
	})
}

// What two reads agree on becomes known, wherever it started.
func TestCompare_twoReadsAgree(t *testing.T) {
	states := []store.LabelState{known("1", "Grade A", 10), known("2", "Grade B", 10), known("3", "Grade C", 10)}
	now := []rest.Label{named("1", "Grade A"), named("2", "Kualifikasi"), named("9", "Baru")}
	first := compare(read(hour, now...), states)
	if diff := cmp.Diff([]string{"+9 Baru@3600000", "?2 Kualifikasi@3600000", "?3 gone@3600000"}, first.text()); diff != "" {
		t.Fatalf("first (-want +got)\n%s", diff)
	}
	for i := range states {
		for _, n := range first.keep {
			if n.LabelID == states[i].LabelID {
				states[i].Note = &n
			}
		}
	}
	states = append(states, known("9", "Baru", hour))
	second := compare(read(hour+wait, now...), states)
	if diff := cmp.Diff([]string{"+2 Kualifikasi@3600000", "!2", "x3"}, second.text()); diff != "" {
		t.Fatalf("second (-want +got)\n%s", diff)
	}
}
