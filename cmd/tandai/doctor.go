package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"tandai/internal/app"
)

type doctorCmd struct {
	URL  string `help:"Address of Tandai as WAHA sees it, to try the door there." placeholder:"URL"`
	JSON bool   `help:"Print the findings as JSON."`
}

func (c *doctorCmd) Run(ctx context.Context, g *Globals, o out) error {
	cfg, err := g.load(nil)
	if err != nil {
		return err
	}
	findings := app.Examine(ctx, cfg, app.DoctorOptions{URL: c.URL, Environ: os.Environ()})
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
			fmt.Fprintf(o, "%-8s %-14s %s\n", f.Verdict, f.Check, f.Saw)
			if f.Do != "" {
				fmt.Fprintf(o, "%-8s %-14s → %s\n", "", "", f.Do)
			}
		}
	}
	if failed > 0 {
		fmt.Fprintf(os.Stderr, "tandai: %d checks failed\n", failed)
		return errQuiet
	}
	return nil
}
