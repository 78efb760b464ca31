package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"tandai/internal/app"
	"tandai/internal/config"
	"tandai/internal/shadow"
	"tandai/internal/web"
)

type shadowCmd struct {
	Table   string `help:"The table that n8n writes (default: the one that stands where a session's view would)." placeholder:"NAME"`
	Session string `help:"The WAHA session whose table it is, where its name does not say." placeholder:"NAME"`
	From    string `help:"Read the table from another database, written as in --database." placeholder:"URL"`
	Since   string `help:"Events at or after this time (see replay --help)." placeholder:"TIME"`
	Until   string `help:"Events before this time." placeholder:"TIME"`
	Show    int    `help:"How many findings of each kind to list." default:"10"`
	JSON    bool   `help:"Print the comparison as JSON."`
	HTML    string `name:"html" help:"Write a page that can be shown to a client to this file, numbers of people masked." placeholder:"FILE"`
	Lang    string `help:"Language the page opens in; readers can change it." enum:"id,en" default:"id"`
}

func (c *shadowCmd) Run(ctx context.Context, g *Globals, o out) error {
	if c.Show < 0 {
		return fmt.Errorf("%w: --show %d: that is no number of findings", errUsage, c.Show)
	}
	if c.JSON && c.HTML != "" {
		return fmt.Errorf("%w: --json and --html are two forms of one thing: give one", errUsage)
	}
	if c.From != "" {
		if _, err := config.ParseDatabase(c.From); err != nil {
			return fmt.Errorf("%w: --from: %w", errUsage, err)
		}
	}
	cfg, err := g.load(nil)
	if err != nil {
		return err
	}
	now := time.Now()
	want := app.ShadowRequest{TableRequest: app.TableRequest{Name: c.Table, Session: c.Session, From: c.From}, Show: c.Show, Now: now}
	zone := cfg.Timezone.Location()
	if c.Session != "" {
		zone = cfg.Location(c.Session)
	}
	for _, bound := range []struct {
		flag, text string
		into       *int64
	}{{"--since", c.Since, &want.Since}, {"--until", c.Until, &want.Until}} {
		if *bound.into, err = parseTime(bound.text, now, zone); err != nil {
			return fmt.Errorf("%w: %s: %w", errUsage, bound.flag, err)
		}
	}
	if want.Since != 0 && want.Until != 0 && want.Since >= want.Until {
		return fmt.Errorf("%w: --since is not before --until: that is no time at all", errUsage)
	}
	report, err := app.Shadow(ctx, cfg, want)
	switch {
	case errors.Is(err, app.ErrWhichSession), errors.Is(err, app.ErrWhichTable):
		return fmt.Errorf("%w: %w", errUsage, err)
	case err != nil:
		return err
	}
	switch {
	case c.JSON:
		return json.NewEncoder(o).Encode(report)
	case c.HTML != "":
		return c.writePage(report)
	}
	sayShadow(o, report)
	return nil
}

// writePage writes the page under another name first: whoever opens it finds the
// whole of it.
func (c *shadowCmd) writePage(report shadow.Report) error {
	var page bytes.Buffer
	if err := web.WriteShadow(&page, report, c.Lang); err != nil {
		return err
	}
	if info, err := os.Stat(c.HTML); err == nil && info.IsDir() {
		return fmt.Errorf("write %s: it is a folder", c.HTML)
	}
	file, err := os.CreateTemp(filepath.Dir(c.HTML), ".shadow-*")
	if err != nil {
		return fmt.Errorf("write %s: %w", c.HTML, cause(err))
	}
	defer os.Remove(file.Name()) // gone by then, unless something failed
	_, err = file.Write(page.Bytes())
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(file.Name(), c.HTML)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", c.HTML, cause(err))
	}
	fmt.Fprintf(os.Stderr, "%s compared; the page is %s\n", count(len(report.Days), "day"), c.HTML)
	return nil
}

func sayShadow(o out, r shadow.Report) {
	fmt.Fprintf(o, "%s (n8n) and session %s (Tandai), days in %s\n\n", r.Table, r.Session, r.Zone)
	const head, line = "%-10s  %9s %9s  %9s %9s %9s  %11s %9s %11s %9s\n", "%-10s  %9d %9d  %9d %9d %9d  %11d %9d %11d %9d\n"
	fmt.Fprintf(o, head, "day", "n8n", "Tandai", "alike", "different", "imported", "overwritten", "only here", "only in n8n", "doubled")
	say := func(name string, c shadow.Count) {
		fmt.Fprintf(o, line, name, c.There, c.Here, c.Same, c.Different, c.Imported, c.Overwritten, c.OnlyHere, c.OnlyThere, c.Doubled)
	}
	for _, d := range r.Days {
		say(d.Day, d.Count)
	}
	say("all", r.Count)
	fmt.Fprintln(o)
	for column, n := range r.Columns {
		fmt.Fprintf(o, "%s differs in %s\n", column, count(n, "row"))
	}
	for reason, n := range r.Reasons {
		fmt.Fprintf(o, "%s of the table could not be understood: %s\n", count(n, "row"), reason)
	}
	names := map[string]string{
		shadow.OnlyHere: "only Tandai has", shadow.OnlyThere: "only n8n has", shadow.Overwritten: "n8n overwrote", shadow.Doubled: "n8n doubled",
		shadow.Different: "different",
	}
	for _, f := range r.First {
		text := fmt.Sprintf("%d · %s · %s · %s · %s", f.Row.At, f.Row.Lead, f.Row.LabelID, f.Row.LabelName, f.Row.Status)
		if f.Other != nil {
			text += fmt.Sprintf(" (klien %q nomor_cs %q label_name %q; n8n has %q, %q, %q)", f.Row.Client, f.Row.CS, f.Row.LabelName, f.Other.Client, f.Other.CS, f.Other.LabelName)
		}
		fmt.Fprintf(o, "%s: %s\n", names[f.Kind], app.Mask(text))
	}
	if r.Agree() && r.Same+r.Different == 0 {
		fmt.Fprintln(o, "there is nothing to compare: Tandai received no webhook of these days itself")
	} else if r.Agree() && r.Different == 0 && r.Unreadable == 0 {
		fmt.Fprintln(o, "n8n and Tandai have the same")
	}
}
