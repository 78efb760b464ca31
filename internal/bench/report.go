package bench

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"
)

// Write puts the results into a page that says when and where they were
// measured.
func Write(path string, results []Result, when time.Time, took time.Duration) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, `# Benchmarks

Written by `+"`make bench`"+`, which anyone can run. Each ratio is of two things measured in
one run on one machine, so it holds on others; figures beside it are that machine's own.

Measured on %s, in %s: %s, %d cores, %s, %s/%s.

| measured | ratio | bar | | figures |
|---|---|---|---|---|
`, when.UTC().Format(time.DateOnly), took.Round(time.Second), cpu(), runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH)
	for _, r := range results {
		verdict, sign := "reached", "≥"
		if !r.Reached() {
			verdict = "**not reached**"
		}
		if r.AtMost {
			sign = "≤"
		}
		fmt.Fprintf(&b, "| %s | %.2f | %s %g | %s | %s |\n", r.What, r.Ratio, sign, r.Bar, verdict, r.Value)
	}
	return os.WriteFile(path, b.Bytes(), 0o644)
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
