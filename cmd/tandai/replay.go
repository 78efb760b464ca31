package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"time"

	"tandai/internal/app"
	"tandai/internal/inbox"
	"tandai/internal/pipeline"
)

type replayCmd struct {
	Since       string   `help:"Bodies received at or after this time: RFC 3339, a date (2026-11-23, in the configured zone), or how long ago (90m, 7d)." placeholder:"TIME"`
	Until       string   `help:"Bodies received before this time." placeholder:"TIME"`
	Quarantined bool     `help:"Only bodies in quarantine."`
	Session     []string `help:"Only these sessions." placeholder:"NAME"`
	DryRun      bool     `help:"Say how many bodies there are and run none."`
	JSON        bool     `help:"Print the result as JSON."`
}

func (c *replayCmd) Run(ctx context.Context, g *Globals, o out) error {
	cfg, err := g.load(nil)
	if err != nil {
		return err
	}
	if c.Since == "" && c.Until == "" && !c.Quarantined && len(c.Session) == 0 {
		return fmt.Errorf("%w: say which bodies: --since, --until, --session or --quarantined", errUsage)
	}
	f := inbox.Filter{Sessions: c.Session}
	if c.Quarantined {
		f.States = []inbox.State{inbox.Quarantined}
	}
	for _, bound := range []struct {
		flag, text string
		into       *int64
	}{{"--since", c.Since, &f.Since}, {"--until", c.Until, &f.Until}} {
		if *bound.into, err = parseTime(bound.text, time.Now(), cfg.Timezone.Location()); err != nil {
			return fmt.Errorf("%w: %s: %w", errUsage, bound.flag, err)
		}
	}
	if f.Since != 0 && f.Until != 0 && f.Since >= f.Until {
		return fmt.Errorf("%w: --since is not before --until: that is no time at all", errUsage)
	}
	log := app.NewLog(os.Stderr, cfg.Log)
	r, err := app.OpenReplay(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer r.Close()
	var done pipeline.Replayed
	if c.DryRun {
		done, err = r.Count(ctx, f)
	} else {
		done, err = r.Run(ctx, f, replayProgress(os.Stderr))
		progressEnds(os.Stderr)
	}
	if err != nil {
		return err
	}
	if c.JSON {
		return json.NewEncoder(o).Encode(done)
	}
	if c.DryRun {
		_, err = fmt.Fprintf(o, "%s would be run again; nothing was done\n", count(done.Bodies, "body"))
		return err
	}
	skipped := 0
	for _, n := range done.Skipped {
		skipped += n
	}
	_, err = fmt.Fprintf(o, "%s run again: %d recorded, %d skipped, %d in quarantine, %d kept without their event\n",
		count(done.Bodies, "body"), done.Recorded, skipped, done.Quarantined, done.Unread)
	return err
}

func replayProgress(f *os.File) func(pipeline.Replayed) {
	if !isTerminal(f) {
		return nil
	}
	return func(r pipeline.Replayed) { fmt.Fprintf(f, "\r\x1b[K%s …", count(r.Bodies, "body")) }
}

// parseTime reads a moment as people write it: RFC 3339, a date, Unix
// milliseconds, or how long before now. "" is 0, no bound.
func parseTime(text string, now time.Time, zone *time.Location) (int64, error) {
	if text == "" {
		return 0, nil
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t.UnixMilli(), nil
	}
	for _, layout := range []string{time.DateOnly, "2006-01-02T15:04", "2006-01-02 15:04", time.DateTime} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t.UnixMilli(), nil
		}
	}
	if ms, err := strconv.ParseInt(text, 10, 64); err == nil && ms > 1_000_000_000_000 {
		return ms, nil
	}
	if days, ok := parseDays(text); ok {
		return now.Add(-days).UnixMilli(), nil
	}
	return 0, fmt.Errorf("%q is not a time: write 2026-11-23, 2026-11-23T08:00:00+07:00, or how long ago: 90m, 7d", text)
}

func parseDays(text string) (time.Duration, bool) {
	if n := len(text); n > 1 && text[n-1] == 'd' {
		days, err := strconv.Atoi(text[:n-1])
		return time.Duration(days) * 24 * time.Hour, err == nil && days >= 0 && days < 100_000
	}
	d, err := time.ParseDuration(text)
	return d, err == nil && d >= 0
}
