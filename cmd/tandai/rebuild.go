package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"tandai/internal/app"
	"tandai/internal/store"
)

type rebuildCmd struct {
	Session []string `help:"Only these sessions." placeholder:"NAME"`
	DryRun  bool     `help:"Say what differs and write nothing (the same as verify, but exits 0)."`
	JSON    bool     `help:"Print the result as JSON."`
}

func (c *rebuildCmd) Run(ctx context.Context, g *Globals, o out) error {
	_, err := rebuild(ctx, g, o, store.RebuildOptions{DryRun: c.DryRun, Sessions: c.Session}, c.JSON)
	return err
}

type verifyCmd struct {
	Session []string `help:"Only these sessions." placeholder:"NAME"`
	Limit   int      `help:"How many differences to show." default:"20"`
	JSON    bool     `help:"Print the result as JSON."`
}

func (c *verifyCmd) Run(ctx context.Context, g *Globals, o out) error {
	result, err := rebuild(ctx, g, o, store.RebuildOptions{DryRun: true, Sessions: c.Session, Limit: c.Limit}, c.JSON)
	if err == nil && result.Differences > 0 {
		err = errQuiet
	}
	return err
}

// rebuildReport is the JSON of rebuild and verify.
type rebuildReport struct {
	Sessions    int                `json:"sessions"`
	Leads       int                `json:"leads"`
	Events      int                `json:"events"`
	Spans       int                `json:"spans"`
	Differences int                `json:"differences"`
	First       []store.Difference `json:"first"`
	Written     bool               `json:"written"`
	Seconds     float64            `json:"seconds"`
}

func rebuild(ctx context.Context, g *Globals, o out, opt store.RebuildOptions, asJSON bool) (store.RebuildResult, error) {
	cfg, err := g.load(nil)
	if err != nil {
		return store.RebuildResult{}, err
	}
	db, err := app.OpenExisting(ctx, cfg)
	if err != nil {
		return store.RebuildResult{}, err
	}
	defer db.Close()
	if err := app.CheckSessions(ctx, db, opt.Sessions); err != nil {
		return store.RebuildResult{}, err
	}
	opt.Progress = progress(os.Stderr)
	started := time.Now()
	result, err := db.Rebuild(ctx, opt)
	progressEnds(os.Stderr)
	if err != nil {
		return result, err
	}
	took := time.Since(started).Seconds()
	if asJSON {
		first := result.First
		if first == nil {
			first = []store.Difference{}
		}
		return result, json.NewEncoder(o).Encode(rebuildReport{result.Sessions, result.Leads, result.Events, result.Spans,
			result.Differences, first, !opt.DryRun && result.Differences > 0, took})
	}
	for _, d := range result.First { // numbers of people whole in JSON only
		fmt.Fprintf(o, "%s %s\n  stored: %s\n  log:    %s\n", d.Table, app.Mask(d.Key), orNothing(d.Have), orNothing(d.Want))
	}
	if more := result.Differences - len(result.First); more > 0 {
		fmt.Fprintf(o, "… and %d more\n", more)
	}
	fmt.Fprintf(o, "looked at %s, %s, %s, %s in %.1f s: ", count(result.Sessions, "session"), count(result.Leads, "lead"),
		count(result.Events, "event"), count(result.Spans, "span"), took)
	differences := count(result.Differences, "difference")
	switch {
	case result.Differences == 0:
		fmt.Fprintln(o, "all as the log says")
	case opt.DryRun:
		fmt.Fprintln(o, differences+"; `tandai rebuild` mends what differs")
	default:
		fmt.Fprintln(o, differences+" mended")
	}
	return result, nil
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return app.Mask(s)
}

// progress says on a terminal how far a rebuild is, a few times a second.
func progress(f *os.File) func(string, int) {
	if !isTerminal(f) {
		return nil
	}
	var last time.Time
	return func(session string, leads int) {
		if time.Since(last) > 300*time.Millisecond {
			last = time.Now()
			fmt.Fprintf(f, "\r\x1b[K%s … %d leads", session, leads)
		}
	}
}

// progressEnds clears the line that a progress has left.
func progressEnds(f *os.File) {
	if isTerminal(f) {
		fmt.Fprint(f, "\r\x1b[K")
	}
}
