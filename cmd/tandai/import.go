package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"tandai/internal/app"
	"tandai/internal/config"
	"tandai/internal/importer"
	"tandai/internal/store"
)

type importCmd struct {
	N8nTable importTableCmd `cmd:"" name:"n8n-table" help:"Copy the table that an n8n workflow has written into the log, and put Tandai's view in its place. Writes nothing without --yes."`
}

type importTableCmd struct {
	Name          string `arg:"" help:"The table, for example labeling_hansarang_cs1. Its session is what stands behind labeling_."`
	Session       string `help:"The WAHA session whose table it is, where its name does not say." placeholder:"NAME"`
	From          string `help:"Read the table from another database, written as in --database." placeholder:"URL"`
	Adopt         bool   `help:"Afterwards, exchange the table with the session's view: the old name shows Tandai's log, the table becomes …_before_tandai."`
	Undo          bool   `help:"Take an adoption back: the table gets its name again."`
	AcceptMissing bool   `help:"Adopt although the view lacks rows of the table that could be read."`
	Yes           bool   `help:"Do it. Without this the command only says what it would do."`
	Show          *int   `help:"How many problem rows, and differences of each kind, to list (20; of the rows that only Tandai has, --undo lists 500, and with --json all)." placeholder:"N"`
	JSON          bool   `help:"Print the result as JSON."`
}

// importReport is the JSON of import n8n-table.
type importReport struct {
	Table   string `json:"table"`
	Session string `json:"session"`
	From    string `json:"from,omitempty"`
	Written bool   `json:"written"`
	*importer.Result
	Adopted *importer.AdoptResult `json:"adopted,omitempty"`
	Undone  *undoReport           `json:"undone,omitempty"`
	Seconds float64               `json:"seconds"`
	Stops   string                `json:"stops,omitempty"` // why --yes would not do it
	Error   string                `json:"error,omitempty"`
}

type undoReport struct {
	View       string              `json:"view"`
	Before     string              `json:"before"`
	Comparison importer.Comparison `json:"comparison"`
}

func (c *importTableCmd) Run(ctx context.Context, g *Globals, o out) error {
	switch {
	case c.Adopt && c.Undo:
		return fmt.Errorf("%w: --adopt and --undo are opposites: give one", errUsage)
	case c.From != "" && (c.Adopt || c.Undo):
		return fmt.Errorf("%w: --from cannot be used with --adopt or --undo: a view can take the place of a table in its own database only", errUsage)
	case c.AcceptMissing && !c.Adopt:
		return fmt.Errorf("%w: --accept-missing belongs to --adopt", errUsage)
	case c.Show != nil && *c.Show < 0:
		return fmt.Errorf("%w: --show %d: that is no number of rows", errUsage, *c.Show)
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
	started := time.Now()
	t, err := app.OpenForeign(ctx, cfg, app.TableRequest{Name: c.Name, Session: c.Session, From: c.From, Write: c.Yes && !c.Undo})
	switch {
	case errors.Is(err, app.ErrWhichSession):
		return fmt.Errorf("%w: %w", errUsage, err)
	case err != nil:
		return err
	}
	defer t.Close()
	report := importReport{Table: c.Name, Session: t.Session, From: t.Source, Written: c.Yes}
	var text io.Writer = o
	if c.JSON {
		text = io.Discard
	}
	if c.Undo {
		err = c.undo(ctx, t, text, &report)
	} else {
		err = c.copy(ctx, t, text, &report)
	}
	report.Seconds = time.Since(started).Seconds()
	if c.JSON {
		if err != nil && !errors.Is(err, errQuiet) {
			report.Error = err.Error()
		}
		if jsonErr := json.NewEncoder(o).Encode(report); jsonErr != nil {
			return jsonErr
		}
	}
	return err
}

// show is how many rows are listed: those that only Tandai has an operator is to
// find again after --undo, so they are not cut short without need.
func (c *importTableCmd) show() importer.Show {
	show := importer.Show{OnlyView: 20, Other: 20}
	if c.Undo {
		show.OnlyView = 500
	}
	if c.Show != nil {
		show = importer.Show{OnlyView: *c.Show, Other: *c.Show}
	}
	if c.Undo && c.JSON {
		show.OnlyView = 1_000_000 // about 300 MiB
	}
	return show
}

// copy imports, and adopts where that is asked for.
func (c *importTableCmd) copy(ctx context.Context, t *app.ForeignTable, o io.Writer, report *importReport) error {
	var stops error // what would stop the adoption
	if c.Adopt {
		if done, err := c.adoptedAlready(ctx, t, o, report); done || err != nil {
			return err
		}
		stops = importer.FreeToAdopt(ctx, t.Store, t.Table)
		if stops == nil && !t.Fresh {
			stops = importer.FreeForAdoption(ctx, t.Store, t.Session)
		}
		known := errors.Is(stops, importer.ErrInTheWay) || errors.Is(stops, importer.ErrHasAnother)
		if stops != nil && (c.Yes || !known) {
			return stops
		}
	}
	if !t.Fresh {
		if run, found, err := t.Store.ImportState(ctx, t.Session, t.Name); err != nil {
			return err
		} else if found && run.FinishedAt == 0 {
			fmt.Fprintf(o, "going on with the import begun on %s, which had read %s\n", stamp(run.StartedAt), count(int(run.Read), "row"))
		}
	}
	result, err := t.Import(ctx, !c.Yes, max(c.show().Other, 1), importProgress(os.Stderr, t.Name))
	progressEnds(os.Stderr)
	report.Result = &result
	if err != nil {
		return fmt.Errorf("import %s, which can be gone on with by the same command: %w", t.Name, err)
	}
	c.sayImported(o, t, result)
	switch {
	case !c.Yes && stops != nil:
		report.Stops = stops.Error()
		fmt.Fprintf(o, "the adoption cannot be done as it is, nor with --yes: %v\nnothing was written\n", stops)
		return nil
	case !c.Yes && c.Adopt:
		fmt.Fprintf(o, "then it would compare the table with the session's view, row by row, and exchange them:\n  %s would become %s, and %s the view of session %s\n",
			t.Table.Name, importer.BeforeName(t.Table.Name), t.Table.Name, t.Session)
		fallthrough
	case !c.Yes:
		fmt.Fprintln(o, "nothing was written; --yes does it")
		return nil
	}
	if c.Adopt {
		adopted, err := t.Adopt(ctx, c.AcceptMissing, max(c.show().Other, 1))
		report.Adopted = &adopted
		sayComparison(o, adopted.Comparison, c.show(), adopted.View, "Tandai")
		if err != nil {
			return fmt.Errorf("adopt %s: %w", t.Table.Name, err)
		}
		fmt.Fprintf(o, "%s is now the view of session %s; the table is %s\n", adopted.View, t.Session, adopted.Before)
		if adopted.CaughtUp {
			fmt.Fprintf(o, "%s had been written to at the last moment: those rows were imported too\n", adopted.View)
		}
		if n := adopted.Comparison.Unreadable; n > 0 {
			fmt.Fprintf(o, "NOT IN THE VIEW: %s that could not be understood; they stay in %s, and with the reasons in the table import_problems\n"+
				"  mend them there, and `tandai import n8n-table %s --yes` brings them in\n", count(int(n), "row"), adopted.Before, adopted.View)
		}
		fmt.Fprintf(o, "`tandai import n8n-table %s --undo --yes` takes it back\n", adopted.View)
	}
	return nil // rows that could not be understood were listed: nothing of what was asked for is undone
}

func (c *importTableCmd) adoptedAlready(ctx context.Context, t *app.ForeignTable, o io.Writer, report *importReport) (bool, error) {
	if t.Fresh {
		return false, nil
	}
	a, found, err := t.Store.Adoption(ctx, t.Session)
	if err != nil || !found || a.State != store.AdoptionAdopted || !strings.EqualFold(a.View, c.Name) {
		return false, err
	}
	report.Adopted = &importer.AdoptResult{View: a.View, Before: a.Before, Already: true}
	fmt.Fprintf(o, "%s is the view of session %s already; the table is %s\n", a.View, t.Session, a.Before)
	return true, nil
}

func (c *importTableCmd) undo(ctx context.Context, t *app.ForeignTable, o io.Writer, report *importReport) error {
	notAdopted := fmt.Errorf("%s %w: there is nothing to undo", c.Name, importer.ErrNotAdopted)
	nothing := func() error {
		if c.Yes {
			return notAdopted
		}
		report.Stops = notAdopted.Error()
		fmt.Fprintln(o, notAdopted)
		return nil
	}
	if t.Fresh {
		return nothing()
	}
	a, found, err := t.Store.Adoption(ctx, t.Session)
	if err != nil {
		return err
	}
	if !found || a.State != store.AdoptionAdopted || !strings.EqualFold(a.View, c.Name) {
		return nothing()
	}
	comparison, err := importer.CompareAdopted(ctx, t.Store, a, t.Zone, c.show())
	if err != nil {
		return err
	}
	report.Undone = &undoReport{a.View, a.Before, comparison}
	sayComparison(o, comparison, c.show(), a.Before, "Tandai")
	if comparison.OnlyView > 0 {
		fmt.Fprintf(o, "%s: under the old name they will be missing; the log keeps them\n"+
			"  `tandai import n8n-table %s --undo --json` names all of them\n", count(int(comparison.OnlyView), "row")+" only Tandai has", a.View)
	}
	if !c.Yes {
		fmt.Fprintf(o, "%s would become %s again\nnothing was written; --yes does it\n", a.Before, a.View)
		return nil
	}
	if err := t.Store.Undo(ctx, a); err != nil {
		return err
	}
	fmt.Fprintf(o, "%s is the table again\n", a.View)
	return nil
}

func (c *importTableCmd) sayImported(o io.Writer, t *app.ForeignTable, r importer.Result) {
	where := ""
	if t.Source != "" {
		where = " at " + t.Source
	}
	fmt.Fprintf(o, "%s%s, %s, for session %s:\n", t.Table.Name, where, count(int(r.Rows), "row"), t.Session)
	word := "imported"
	if !c.Yes {
		word = "to import"
	}
	for _, line := range []struct {
		n    int64
		text string
	}{
		{r.Events, word}, {r.Known, "imported before"}, {r.Linked, "recorded already, and linked"}, {r.Problems, "not understood, and listed"},
	} {
		fmt.Fprintf(o, "%9d  %s\n", line.n, line.text)
	}
	for _, column := range store.SevenColumns {
		if n := r.Normalised[column]; n > 0 {
			fmt.Fprintf(o, "  %s was written in another form in %s\n", column, count(int(n), "row"))
		}
	}
	for _, p := range r.First[:min(len(r.First), c.show().Other)] {
		fmt.Fprintf(o, "  %s: %s\n", p.Reason, app.Mask(rowText(p.Row)))
	}
	if more := r.Problems - int64(min(len(r.First), c.show().Other)); more > 0 {
		fmt.Fprintf(o, "  … and %d more\n", more)
	}
	if r.Problems > 0 && c.Yes {
		fmt.Fprintf(o, "NOT IMPORTED: %s, kept with the reasons in the table import_problems; mend them in %s and import again\n", count(int(r.Problems), "row"), t.Table.Name)
	}
}

func rowText(row map[string]*string) string {
	var all []string
	for _, column := range store.SevenColumns {
		value := "NULL"
		if v := row[column]; v != nil {
			value = *v
			if r := []rune(value); len(r) > 60 {
				value = string(r[:59]) + "…"
			}
			value = fmt.Sprintf("%q", value)
		}
		all = append(all, column+"="+value)
	}
	return strings.Join(all, " ")
}

// sayComparison lists what two sides do not have alike.
func sayComparison(o io.Writer, c importer.Comparison, show importer.Show, table, view string) {
	if c.Same+c.Different+c.OnlyTable+c.OnlyView == 0 {
		return
	}
	fmt.Fprintf(o, "compared row by row: %d alike, %d different, %d only in %s, %d only in %s\n", c.Same, c.Different, c.OnlyTable, table, c.OnlyView, view)
	var columns []string
	for column, n := range c.Columns {
		columns = append(columns, fmt.Sprintf("%s in %d", column, n))
	}
	if slices.Sort(columns); len(columns) > 0 {
		fmt.Fprintf(o, "  they differ in %s\n", strings.Join(columns, ", "))
	}
	if c.Unreadable > 0 {
		fmt.Fprintf(o, "  %s of those only in %s could not be understood\n", count(int(c.Unreadable), "row"), table)
	}
	left := [3]int64{c.OnlyTable - c.Unreadable, c.OnlyView, c.Different}
	named := [3]int{}
	for _, d := range c.First {
		kind, most := 0, show.Other
		switch {
		case d.Table == nil:
			kind, most = 1, show.OnlyView
		case d.View != nil:
			kind = 2
		}
		if named[kind] == most {
			continue
		}
		named[kind]++
		left[kind]--
		switch kind {
		case 0:
			fmt.Fprintf(o, "  only in %s: %s\n", table, sevenText(*d.Table))
		case 1:
			fmt.Fprintf(o, "  only in %s: %s%s\n", view, sevenText(*d.View), eventText(d))
		case 2:
			fmt.Fprintf(o, "  different: %s\n  %s has: %s\n", sevenText(*d.Table), view, sevenText(*d.View))
		}
	}
	for kind, what := range [3]string{"only in " + table, "only in " + view, "different"} {
		if left[kind] > 0 {
			fmt.Fprintf(o, "  … and %d more %s\n", left[kind], what)
		}
	}
}

// eventText is by what the log knows a row: its id, in which nothing is to be masked.
func eventText(d importer.RowDifference) string {
	if d.EventID == "" {
		return ""
	}
	return " · event " + d.EventID + " (" + d.Source + ")"
}

func sevenText(row [7]string) string { return app.Mask(strings.Join(row[:], " · ")) }

func stamp(at int64) string { return time.UnixMilli(at).UTC().Format("2006-01-02 15:04:05 UTC") }

// importProgress says on a terminal how far an import is, else every few seconds
// in a line of its own.
func importProgress(f *os.File, table string) func(importer.Result) {
	every, format := 10*time.Second, "%s … %d rows\n"
	if isTerminal(f) {
		every, format = 300*time.Millisecond, "\r\x1b[K%s … %d rows"
	}
	last := time.Now()
	return func(r importer.Result) {
		if time.Since(last) > every {
			last = time.Now()
			fmt.Fprintf(f, format, table, r.Rows)
		}
	}
}
