package report_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tandai/internal/report"
)

func TestScale_Mark(t *testing.T) {
	long := report.Scale{Grades: []string{"Hot", "Warm", "A+", "🔥", "Grade 10"}, Won: []string{"Closing"}, Lost: []string{"Batal", "🧊"}}
	grade := func(rank, of int, letter string) report.Mark {
		return report.Mark{Kind: report.Grade, Rank: rank, Of: of, Letter: letter}
	}
	for _, tc := range []struct {
		name  string
		scale report.Scale
		label string
		want  report.Mark
	}{
		{"as configured", report.DefaultScale(), "Grade A", grade(0, 5, "A")},
		{"other case and spaces", report.DefaultScale(), "  gRADE   e ", grade(4, 5, "E")},
		{"with an emoji", report.DefaultScale(), "🔥 Grade B ❤️", grade(1, 5, "B")},
		{"with punctuation", report.DefaultScale(), "Grade-C!", grade(2, 5, "C")},
		{"won", report.DefaultScale(), "CLOSING", report.Mark{Kind: report.Won}},
		{"lost", report.DefaultScale(), "batal", report.Mark{Kind: report.Lost}},
		{"a longer name is another label", report.DefaultScale(), "Grade A lama", report.Mark{}},
		{"no name yet", report.DefaultScale(), "", report.Mark{}},
		{"a scale of nothing", report.Scale{}, "Grade A", report.Mark{}},
		{"a word has no letter", long, "hot", grade(0, 5, "1")},
		{"a plus is part of a grade", long, "a+", grade(2, 5, "A+")},
		{"without its plus it is none", long, "a", report.Mark{}},
		{"an emoji alone is a name", long, "🔥", grade(3, 5, "🔥")},
		{"and another one is another", long, "🧊", report.Mark{Kind: report.Lost}},
		{"two digits", long, "grade 10", grade(4, 5, "10")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, tc.scale.Mark(tc.label)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if got := (report.Scale{Grades: make([]string, 12)}).Mark(strings.Repeat(" ", 3)); got != (report.Mark{}) {
		t.Errorf("blank on blanks: %+v", got)
	}
}
