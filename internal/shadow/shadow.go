// Package shadow compares, day by day, what an n8n workflow has written into its
// table with what Tandai has recorded of the same events, while both run side by
// side. It is pure: rows in, counts out, in whatever order the rows come.
package shadow

import (
	"cmp"
	"slices"
	"strings"
)

// Row is one account of one event, by either side.
type Row struct {
	At        int64  `json:"timestamp_unix"` // Unix ms
	Precision int64  `json:"-"`              // ms; 1000 where At says no more than the second, else 0 or 1
	Lead      string `json:"nomor_lead"`     // digits, or hidden id + "@lid"
	LabelID   string `json:"label_id"`
	Status    string `json:"status"` // add_label or delete_label

	// What the sides may differ in.
	Client    string `json:"klien"`
	CS        string `json:"nomor_cs"`
	LabelName string `json:"label_name"`

	// Source is how Tandai came to know it (label_events.source); "" of the table.
	Source string `json:"source,omitempty"`
}

// Count is what a day's rows are. Every row of either side is counted once; a
// pair, as one.
type Count struct {
	Same        int `json:"same"`          // both have it, alike in all columns
	Different   int `json:"different"`     // both have it, but not alike
	Imported    int `json:"imported"`      // both have it, but Tandai from the table alone
	OnlyHere    int `json:"only_here"`     // Tandai alone has it
	OnlyThere   int `json:"only_there"`    // the table alone has it
	Overwritten int `json:"overwritten"`   // Tandai alone has it; the table has another row of that millisecond in its place
	Doubled     int `json:"doubled"`       // the table has it more often than it happened
	Here        int `json:"rows_here"`     // rows of Tandai
	There       int `json:"rows_in_table"` // rows of the table
}

// Add sums up.
func (c *Count) Add(d Count) {
	c.Same += d.Same
	c.Different += d.Different
	c.Imported += d.Imported
	c.OnlyHere += d.OnlyHere
	c.OnlyThere += d.OnlyThere
	c.Overwritten += d.Overwritten
	c.Doubled += d.Doubled
	c.Here += d.Here
	c.There += d.There
}

// Agree reports whether the sides hold the same events.
func (c Count) Agree() bool {
	return c.OnlyHere == 0 && c.OnlyThere == 0 && c.Overwritten == 0 && c.Doubled == 0
}

// The kinds of Finding.
const (
	OnlyHere    = "only_here"
	OnlyThere   = "only_there"
	Overwritten = "overwritten"
	Doubled     = "doubled"
	Different   = "different"
)

// Finding is one event that the sides do not have alike.
type Finding struct {
	Kind    string   `json:"kind"`
	Row     Row      `json:"row"`     // Tandai's, or the table's where Tandai has none
	Other   *Row     `json:"other"`   // the table's, of Different
	Columns []string `json:"columns"` // of Different: in what they differ
}

// Compare compares the rows of one day. Neither slice is kept; both are sorted.
//
// Rows of one millisecond (or second, where the table says no more), lead, label
// and status are accounts of one event. Of several, as many are paired as both
// sides have. What Tandai has beyond that is overwritten where the table holds any
// row of that millisecond (the workflow upserts on timestamp_unix, and keeps one),
// else it is missing there. What the table has beyond that is doubled where Tandai
// has the event at all, else it is missing here.
func Compare(here, there []Row) (Count, []Finding) {
	count := Count{Here: len(here), There: len(there)}
	slices.SortFunc(here, compareRows)
	slices.SortFunc(there, compareRows)
	var found []Finding
	bySecond := map[key][]*Row{}
	moments := map[int64]bool{} // at which the table has a row
	for i := range there {
		bySecond[keyOf(there[i])] = append(bySecond[keyOf(there[i])], &there[i])
		moments[there[i].At] = true
	}
	ours := map[key][]*Row{}
	for i := range here {
		ours[keyOf(here[i])] = append(ours[keyOf(here[i])], &here[i])
	}
	for _, k := range sortedKeys(ours, bySecond) {
		pairs, restHere, restThere := pair(ours[k], bySecond[k])
		for _, p := range pairs {
			columns := differences(*p[0], *p[1])
			switch {
			case p[0].Source == "import":
				count.Imported++
			case len(columns) > 0:
				count.Different++
				found = append(found, Finding{Kind: Different, Row: *p[0], Other: p[1], Columns: columns})
			default:
				count.Same++
			}
		}
		for _, r := range restHere {
			f := Finding{Kind: OnlyHere, Row: *r}
			if moments[r.At] {
				f.Kind = Overwritten
				count.Overwritten++
			} else {
				count.OnlyHere++
			}
			found = append(found, f)
		}
		for _, r := range restThere {
			f := Finding{Kind: OnlyThere, Row: *r}
			if slices.ContainsFunc(ours[k], func(o *Row) bool { return matches(*o, *r) }) {
				f.Kind = Doubled
				count.Doubled++
			} else {
				count.OnlyThere++
			}
			found = append(found, f)
		}
	}
	slices.SortStableFunc(found, func(a, b Finding) int { return cmp.Or(cmp.Compare(a.Row.At, b.Row.At), compareRows(a.Row, b.Row)) })
	return count, found
}

type key struct {
	second              int64
	lead, label, status string
}

func keyOf(r Row) key { return key{r.At / 1000, r.Lead, r.LabelID, r.Status} }

func sortedKeys(a, b map[key][]*Row) []key {
	all := make([]key, 0, len(a))
	for k := range a {
		all = append(all, k)
	}
	for k := range b {
		if _, both := a[k]; !both {
			all = append(all, k)
		}
	}
	slices.SortFunc(all, func(a, b key) int {
		return cmp.Or(cmp.Compare(a.second, b.second), strings.Compare(a.lead, b.lead), strings.Compare(a.label, b.label), strings.Compare(a.status, b.status))
	})
	return all
}

// matches reports whether two accounts of one second can be of one event.
func matches(here, there Row) bool {
	return here.At == there.At || there.Precision >= 1000
}

// pair pairs rows of one second, lead, label and status: first those that agree in
// everything, then those of the same millisecond, then those that say no more than
// the second.
func pair(here, there []*Row) (pairs [][2]*Row, restHere, restThere []*Row) {
	restHere, restThere = slices.Clone(here), slices.Clone(there)
	for _, same := range []func(a, b Row) bool{
		func(a, b Row) bool { return a.At == b.At && len(differences(a, b)) == 0 },
		func(a, b Row) bool { return a.At == b.At },
		matches,
	} {
		restHere = slices.DeleteFunc(restHere, func(a *Row) bool {
			i := slices.IndexFunc(restThere, func(b *Row) bool { return same(*a, *b) })
			if i < 0 {
				return false
			}
			pairs = append(pairs, [2]*Row{a, restThere[i]})
			restThere = slices.Delete(restThere, i, i+1)
			return true
		})
	}
	return pairs, restHere, restThere
}

// differences are the columns two accounts of one event differ in. What the table
// leaves empty is not a difference: n8n had nothing to write.
func differences(here, there Row) []string {
	var all []string
	for _, c := range []struct{ name, here, there string }{
		{"klien", here.Client, there.Client}, {"nomor_cs", here.CS, there.CS}, {"label_name", here.LabelName, there.LabelName},
	} {
		if c.there != "" && c.here != c.there {
			all = append(all, c.name)
		}
	}
	return all
}

func compareRows(a, b Row) int {
	return cmp.Or(cmp.Compare(a.At, b.At), strings.Compare(a.Lead, b.Lead), strings.Compare(a.LabelID, b.LabelID), strings.Compare(a.Status, b.Status),
		strings.Compare(a.Source, b.Source), strings.Compare(a.Client, b.Client), strings.Compare(a.CS, b.CS), strings.Compare(a.LabelName, b.LabelName),
		cmp.Compare(a.Precision, b.Precision))
}
