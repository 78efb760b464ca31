package bench

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A run of one group replaces what the page says of that group and leaves the rest.
func TestWrite_keepsOtherGroups(t *testing.T) {
	path := filepath.Join(t.TempDir(), "page.md")
	section := func(group, what string) Section {
		return Section{Group: group, When: time.UnixMilli(0), Results: []Result{{What: what, Ratio: 2, Bar: 1, Value: "2"}}}
	}
	for _, run := range [][]Section{
		{section("steady", "old steady"), section("intake", "old intake")}, {section("steady", "new steady")}, {section("steady", "new steady")},
	} {
		if err := Write(path, run); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "## ") || strings.Contains(line, "reached") {
			got = append(got, strings.TrimSpace(line))
		}
	}
	want := "## intake\n| old intake | 2.00 | ≥ 1 | reached | 2 |\n## steady\n| new steady | 2.00 | ≥ 1 | reached | 2 |"
	if strings.Join(got, "\n") != want {
		t.Errorf("the page says\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
}
