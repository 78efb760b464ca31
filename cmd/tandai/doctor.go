package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"tandai/internal/app"
)

type doctorCmd struct {
	URL  string `help:"Address of Tandai as WAHA sees it, to try the door there." placeholder:"URL"`
	JSON bool   `help:"Print the findings as JSON."`
}

func (c *doctorCmd) Run(ctx context.Context, g *Globals, o out) error {
	var findings []app.Finding
	cfg, err := g.load(nil)
	switch {
	case errors.Is(err, errUsage):
		return err
	case err != nil: // what else is wrong cannot be known before this is mended
		findings = []app.Finding{{Check: "configuration", Verdict: app.Failed, Saw: app.Explain(err), Do: "Correct it and run doctor again: nothing else was looked at."}}
	default:
		findings = app.Examine(ctx, cfg, app.DoctorOptions{URL: c.URL, Environ: os.Environ()})
	}
	failed := 0
	for _, f := range findings {
		if f.Verdict == app.Failed {
			failed++
		}
	}
	if c.JSON {
		if err := json.NewEncoder(o).Encode(map[string]any{"findings": findings, "failed": failed}); err != nil {
			return err
		}
	} else {
		for _, f := range findings {
			saw := strings.ReplaceAll(f.Saw, "\n", "\n"+strings.Repeat(" ", 24))
			fmt.Fprintf(o, "%-8s %-14s %s\n", f.Verdict, f.Check, saw)
			if f.Do != "" {
				fmt.Fprintf(o, "%-8s %-14s → %s\n", "", "", f.Do)
			}
		}
	}
	if failed > 0 {
		fmt.Fprintln(os.Stderr, "tandai: checks that failed:", failed)
		return errQuiet
	}
	return nil
}
