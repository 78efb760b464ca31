package label

import (
	"cmp"
	"slices"
)

// NoColor is the Color of a label whose colour nobody has said.
const NoColor = -1

// Observation is something seen about a label itself: a name and colour, or
// its deletion (which may carry the name it had).
type Observation struct {
	ID      string // the event it came from; "" for a sighting in passing
	At      int64
	Deleted bool
	Name    string // "" where it was not said
	Color   int    // WhatsApp's index 0–19 and up; NoColor where it was not said
}

// Version is one name and colour of a label during [From, To); To 0 while it is
// the current one. The first known name of a label reaches back to the deletion
// before it, or to the beginning of time (From 0).
type Version struct {
	Name     string
	Color    int
	From, To int64
}

// Versions folds everything seen about one label of one session into its
// versions, sorted by From, no two with the same From. Order and duplication of
// the input do not matter: it is taken by At, deletions first (those that tell
// the name before those that do not), then ID and name.
func Versions(seen []Observation) []Version {
	seen = slices.Clone(seen)
	slices.SortFunc(seen, func(a, b Observation) int {
		return cmp.Or(cmp.Compare(a.At, b.At), -cmpBool(a.Deleted, b.Deleted), cmpBool(a.silent(), b.silent()), cmp.Compare(a.ID, b.ID),
			cmp.Compare(a.Name, b.Name), cmp.Compare(a.Color, b.Color))
	})
	var versions []Version
	var lifeFrom int64 // the deletion before, or 0
	var current *Version
	begin := func(o Observation, from int64) {
		versions = append(versions, Version{Name: o.Name, Color: o.Color, From: from})
		current = &versions[len(versions)-1]
	}
	for _, o := range seen {
		if o.Deleted {
			if current == nil && o.Name != "" && lifeFrom < o.At {
				begin(o, lifeFrom) // only its deletion told the name
			}
			if current != nil {
				current.To = o.At
				current = nil
			}
			lifeFrom = o.At
			continue
		}
		if current == nil {
			if o.Name != "" {
				begin(o, lifeFrom)
			}
			continue
		}
		if o.Name == "" {
			o.Name = current.Name
		}
		if o.Color == NoColor {
			o.Color = current.Color
		}
		switch {
		case o.Name == current.Name && o.Color == current.Color:
		case o.Name == current.Name && current.Color == NoColor:
			current.Color = o.Color // learning the colour is not a change of the label
		case current.From == o.At:
			current.Name, current.Color = o.Name, o.Color
			if n := len(versions); current.From > lifeFrom && n > 1 && versions[n-2].Name == o.Name && versions[n-2].Color == o.Color {
				versions = versions[:n-1] // another name for no time at all is no change
				current = &versions[n-2]
				current.To = 0
			}
		default:
			current.To = o.At
			begin(o, o.At)
		}
	}
	return versions
}

// NameAt is the name a label had when an event of that status happened at at;
// "" when no version covers it. A removal belongs to the version that was there
// just before it: when a label is deleted, its chats lose it in that very
// millisecond.
func NameAt(versions []Version, status Status, at int64) string {
	for _, v := range versions {
		if v.covers(status, at) {
			return v.Name
		}
	}
	return ""
}

func (v Version) covers(status Status, at int64) bool {
	if status == Removed {
		return v.From < at && (v.To == 0 || at <= v.To)
	}
	return v.From <= at && (v.To == 0 || at < v.To)
}

// silent is a deletion that does not say what it deleted.
func (o Observation) silent() bool { return o.Deleted && o.Name == "" }

func cmpBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}
