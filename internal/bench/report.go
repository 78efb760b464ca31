package bench

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"time"
)

const pageHead = `# Benchmarks

Written by ` + "`make bench`" + `, which anyone can run. Each ratio is of two things measured in
one run on one machine, so it holds on others; figures beside it are that machine's own.
A load above the number of cores means that others were at work on the machine.
`

// Section is what one group measured, and on what machine.
type Section struct {
	Group   string
	Results []Result
	When    time.Time
	Took    time.Duration
	Load    [2]string // average of the minute before the group and of its last one
}

// Write puts the sections into a page. What the page holds of other groups, from
// an earlier run, stays.
func Write(path string, sections []Section) error {
	kept, err := readSections(path)
	if err != nil {
		return err
	}
	for _, s := range sections {
		kept[s.Group] = s.text()
	}
	var page strings.Builder
	page.WriteString(pageHead)
	for _, g := range groups {
		page.WriteString(kept[g.name])
	}
	return os.WriteFile(path, []byte(page.String()), 0o644)
}

// readSections reads a page of Write's, by group.
func readSections(path string) (map[string]string, error) {
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	sections := map[string]string{}
	for _, part := range strings.Split(string(text), "\n## ")[1:] {
		group, _, _ := strings.Cut(part, "\n")
		sections[group] = "\n## " + strings.TrimRight(part, "\n") + "\n"
	}
	return sections, nil
}

func (s Section) text() string {
	var b bytes.Buffer
	fmt.Fprintf(&b, `
## %s

Measured on %s, in %s: %s, %d cores, %s, %s/%s; load %s before and %s at the end.

| measured | ratio | bar | | figures |
|---|---|---|---|---|
`, s.Group, s.When.UTC().Format(time.DateOnly), s.Took.Round(time.Second), cpu(), runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH, s.Load[0], s.Load[1])
	for _, r := range s.Results {
		verdict, sign := "reached", "≥"
		if !r.Reached() {
			verdict = "**not reached**"
		}
		if r.AtMost {
			sign = "≤"
		}
		if r.Bar == 0 {
			fmt.Fprintf(&b, "| %s | | | | %s |\n", r.What, r.Value)
			continue
		}
		fmt.Fprintf(&b, "| %s | %.2f | %s %g | %s | %s |\n", r.What, r.Ratio, sign, r.Bar, verdict, r.Value)
	}
	return b.String()
}

// loadAverage is that of the last minute. Source: proc(5), loadavg.
func loadAverage() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	first, _, _ := strings.Cut(string(text), " ")
	return first
}

// cpu is the processor's name. Source: proc(5), cpuinfo.
func cpu() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown processor"
	}
	for line := range strings.Lines(string(text)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}
