// Package bench measures Tandai against what the same machine can do without it,
// in one run: ratios hold on any machine, figures alone do not. Every ratio has a
// bar, and a run says which bars were reached.
package bench

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Options say what is measured and how long.
type Options struct {
	Binary string        // a built tandai, for what runs as a process of its own
	Steady time.Duration // of the end-to-end run; 5 min for the record
	Events int           // rows of the large log; 1,000,000 for the record
	Relay  int           // events that are relayed; 200,000 for the record
	Only   map[string]bool
	Engine string    // "MariaDB" or "SQLite"; "" = both
	Log    io.Writer // progress
}

// Result is one thing measured.
type Result struct {
	What   string
	Value  string // as people read it
	Ratio  float64
	Bar    float64 // 0 = for information
	AtMost bool    // the ratio must stay below the bar
}

// Reached reports whether a result meets its bar.
func (r Result) Reached() bool {
	if r.AtMost {
		return r.Ratio <= r.Bar
	}
	return r.Ratio >= r.Bar
}

// groups are in an order that leaves the machine quiet for each.
var groups = []struct {
	name string
	run  func(context.Context, Options, string) ([]Result, error)
}{{"intake", intakeGroup}, {"record", recordGroup}, {"active", activeGroup}, {"adopt", adoptGroup}, {"steady", steadyGroup}, {"relay", relayGroup}}

// Run measures the groups that are asked for. A group that fails ends it; what was
// measured until then is returned with the error.
func Run(ctx context.Context, opt Options) ([]Section, error) {
	dir, err := os.MkdirTemp("", "tandai-bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	var all []Section
	for _, g := range groups {
		if len(opt.Only) > 0 && !opt.Only[g.name] {
			continue
		}
		fmt.Fprintf(opt.Log, "%s …\n", g.name)
		sub := filepath.Join(dir, g.name)
		if err := os.Mkdir(sub, 0o700); err != nil {
			return all, err
		}
		s := Section{Group: g.name, When: time.Now()}
		s.Load[0] = loadAverage()
		s.Results, err = g.run(ctx, opt, sub)
		s.Took, s.Load[1] = time.Since(s.When), loadAverage()
		for _, r := range s.Results {
			fmt.Fprintf(opt.Log, "  %s\n", r)
		}
		if err != nil {
			return all, fmt.Errorf("%s: %w", g.name, err)
		}
		all = append(all, s)
		os.RemoveAll(sub)
	}
	return all, nil
}

func (r Result) String() string {
	if r.Bar == 0 {
		return fmt.Sprintf("%s: %s", r.What, r.Value)
	}
	verdict, sign := "reached", "≥"
	if !r.Reached() {
		verdict = "NOT reached"
	}
	if r.AtMost {
		sign = "≤"
	}
	return fmt.Sprintf("%s: %.2f (bar %s %g, %s) — %s", r.What, r.Ratio, sign, r.Bar, verdict, r.Value)
}
