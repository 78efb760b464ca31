package report

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"tandai/internal/label"
)

// Scale is a client's ladder of labels: the grades, best first, and the names
// that mean the sale closed or will not happen.
type Scale struct{ Grades, Won, Lost []string }

// DefaultScale is the ladder of a client whose configuration names none.
func DefaultScale() Scale {
	return Scale{
		Grades: []string{"Grade A", "Grade B", "Grade C", "Grade D", "Grade E"},
		Won:    []string{"Closing"},
		Lost:   []string{"Batal"},
	}
}

// MarkKind says what a label means on a client's scale.
type MarkKind int

// What a label can mean. Other is every label that is on no ladder.
const (
	Other MarkKind = iota
	Grade
	Won
	Lost
)

// Mark is a label's place on a scale. Rank is 0 for the best of Of grades, and
// Letter what it wears: the last word of its name when that is short ("A"),
// else its place counted from 1. All three are for grades only.
type Mark struct {
	Kind     MarkKind
	Rank, Of int
	Letter   string
}

// Mark places a label by its name's folded form, so that "grade a 🔥" is
// "Grade A".
func (s Scale) Mark(name string) Mark {
	folded := label.FoldName(name)
	is := func(candidate string) bool { return folded != "" && label.FoldName(candidate) == folded }
	if i := slices.IndexFunc(s.Grades, is); i >= 0 {
		return Mark{Kind: Grade, Rank: i, Of: len(s.Grades), Letter: letter(folded, i)}
	}
	switch {
	case slices.ContainsFunc(s.Won, is):
		return Mark{Kind: Won}
	case slices.ContainsFunc(s.Lost, is):
		return Mark{Kind: Lost}
	}
	return Mark{}
}

// order sorts labels as people think of them: the grades from the best, then
// won, lost, and the rest.
func (m Mark) order() int {
	switch m.Kind {
	case Grade:
		return m.Rank
	case Won:
		return 1 << 20
	case Lost:
		return 1<<20 + 1
	}
	return 1<<20 + 2
}

func letter(folded string, rank int) string {
	words := strings.Fields(folded)
	if last := words[len(words)-1]; utf8.RuneCountInString(last) <= 2 {
		return strings.ToUpper(last)
	}
	return strconv.Itoa(rank + 1)
}
