package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"tandai/internal/app"
	"tandai/internal/store"
)

type exportCmd struct {
	Log exportLogCmd `cmd:"" help:"The label log, in the order of timestamp_unix and event_id."`
}

type exportLogCmd struct {
	Format  string `help:"csv or jsonl." enum:"csv,jsonl" default:"csv"`
	Output  string `short:"o" help:"Write to this file instead of standard output; it appears whole or not at all." placeholder:"FILE"`
	Session string `help:"Only this session." placeholder:"NAME"`
	Since   string `help:"Events at or after this time (see replay --help)." placeholder:"TIME"`
	Until   string `help:"Events before this time." placeholder:"TIME"`
}

func (c *exportLogCmd) Run(ctx context.Context, g *Globals, o out) error {
	cfg, err := g.load(nil)
	if err != nil {
		return err
	}
	f := store.ExportFilter{Session: c.Session}
	if f.Since, err = parseTime(c.Since, time.Now(), cfg.Timezone.Location()); err != nil {
		return fmt.Errorf("%w: --since: %w", errUsage, err)
	}
	if f.Until, err = parseTime(c.Until, time.Now(), cfg.Timezone.Location()); err != nil {
		return fmt.Errorf("%w: --until: %w", errUsage, err)
	}
	if f.Since != 0 && f.Until != 0 && f.Since >= f.Until {
		return fmt.Errorf("%w: --since is not before --until: that is no time at all", errUsage)
	}
	db, err := app.OpenExisting(ctx, cfg)
	if err != nil {
		return err
	}
	defer db.Close()
	if c.Session != "" {
		if err := app.CheckSessions(ctx, db, []string{c.Session}); err != nil {
			return err
		}
	}
	if c.Output == "" {
		_, err := c.write(ctx, db, f, o)
		return err
	}
	n, err := c.writeFile(ctx, db, f)
	if err != nil {
		return fmt.Errorf("write %s: %w", c.Output, err)
	}
	fmt.Fprintf(os.Stderr, "%s written to %s\n", count(n, "row"), c.Output)
	return nil
}

// writeFile writes under another name first: whoever opens the file finds the
// whole export, or the one before.
func (c *exportLogCmd) writeFile(ctx context.Context, db store.Store, f store.ExportFilter) (int, error) {
	if info, err := os.Stat(c.Output); err == nil && info.IsDir() {
		return 0, errors.New("it is a folder")
	}
	file, err := os.CreateTemp(filepath.Dir(c.Output), ".export-*")
	if err != nil {
		return 0, cause(err)
	}
	defer os.Remove(file.Name()) // gone by then, unless something failed
	n, err := c.write(ctx, db, f, file)
	if err == nil {
		err = file.Sync()
	}
	if closeErr := file.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(file.Name(), c.Output)
	}
	return n, cause(err)
}

// cause leaves out the name of the temporary file, which nobody has heard of.
func cause(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

var logHeader = []string{"event_id", "timestamp_unix", "klien", "nomor_cs", "nomor_lead", "label_id", "label_name", "status",
	"session", "chat_id", "source", "not_before", "start_unknown", "received_at"}

func (c *exportLogCmd) write(ctx context.Context, db store.Store, f store.ExportFilter, w io.Writer) (rows int, err error) {
	buf := bufio.NewWriterSize(w, 1<<16)
	var row func(store.LogRow) error
	table := csv.NewWriter(buf)
	if c.Format == "jsonl" {
		enc := json.NewEncoder(buf)
		enc.SetEscapeHTML(false)
		row = func(r store.LogRow) error { return enc.Encode(r) }
	} else {
		if err := table.Write(logHeader); err != nil {
			return 0, err
		}
		row = func(r store.LogRow) error { return table.Write(csvRow(r)) }
	}
	err = db.Export(ctx, f, func(r store.LogRow) error { rows++; return row(r) })
	if err != nil {
		return rows, err
	}
	table.Flush()
	if err := table.Error(); err != nil {
		return rows, err
	}
	return rows, buf.Flush()
}

func csvRow(r store.LogRow) []string {
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	notBefore := ""
	if r.NotBefore != nil {
		notBefore = number(*r.NotBefore)
	}
	return []string{r.EventID, number(r.At), guard(r.Client), r.CS, r.Lead, r.LabelID, guard(r.LabelName), r.Status,
		r.Session, r.ChatID, r.Source, notBefore, strconv.FormatBool(r.StartUnknown), number(r.ReceivedAt)}
}

// guard keeps spreadsheets from running a name as a formula: names are written by
// whoever labels, and these begin one. Source: OWASP, CSV Injection.
func guard(text string) string {
	if text != "" {
		switch text[0] {
		case '=', '+', '-', '@', '\t', '\r':
			return "'" + text
		}
	}
	return text
}
