package importer

import (
	"cmp"
	"context"
	"encoding/json"
	"time"

	"golang.org/x/sync/errgroup"

	"tandai/internal/store"
)

// Config says what is copied, and where to.
type Config struct {
	Store   store.Importing
	From    store.Foreign // where the table is
	Source  string        // that place for people, without password; "" = the same database
	Table   store.Table
	Name    string // the table's name in the books; "" = Table.Name
	Session string
	Zone    *time.Location // of dates without a zone; nil = UTC
	DryRun  bool           // count, and write nothing

	Now      func() time.Time // time.Now when nil
	Progress func(Result)     // after each chunk; may be nil
	Chunk    int              // rows in one transaction; 0 = 30,000
	Show     int              // problems kept in Result; 0 = 20
}

// Result is what became of a table's rows.
type Result struct {
	Rows int64 `json:"rows"` // read
	store.Imported
	Normalised map[string]int64 `json:"normalised"` // rows by column that did not stand as the log has it
	First      []Problem        `json:"problem_rows"`
}

// Problem is a row that was listed instead of imported.
type Problem struct {
	Row    map[string]*string `json:"row"` // as it stood; null = NULL
	Reason string             `json:"reason"`
}

// Run copies a table. Whatever it had written when it is cut off, by an error or by
// SIGKILL, stays; the next run goes on from there. Rows that were copied before
// cost a look-up each.
func Run(ctx context.Context, cfg Config) (Result, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Zone == nil {
		cfg.Zone = time.UTC
	}
	cfg.Chunk = cmp.Or(cfg.Chunk, 30_000)
	cfg.Show = cmp.Or(cfg.Show, 20)
	cfg.Name = cmp.Or(cfg.Name, cfg.Table.Name)
	r := &run{cfg: cfg, result: Result{Normalised: map[string]int64{}, First: []Problem{}}}
	chunks := make(chan *batch, 1)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(chunks)
		return r.read(ctx, chunks)
	})
	group.Go(func() error { return r.write(ctx, chunks) })
	return r.result, group.Wait()
}

type run struct {
	cfg    Config
	result Result
}

// batch is a chunk, and what normalising it said.
type batch struct {
	rows       []store.ImportRow
	problems   []store.ImportProblem
	first      []Problem
	normalised map[string]int64
}

func (r *run) read(ctx context.Context, out chan<- *batch) error {
	n := NormaliserFor(r.cfg.Table, r.cfg.Zone)
	count := newCounter(r.cfg.Session)
	now := r.cfg.Now().UnixMilli()
	b := &batch{normalised: map[string]int64{}}
	var lead store.Cell
	send := func() error {
		select {
		case out <- b:
			b = &batch{normalised: map[string]int64{}}
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	err := r.cfg.From.ReadTable(ctx, r.cfg.Table, store.ByLead, func(row *[7]store.Cell) error {
		// A lead's rows belong together; one that has too many for that is folded again.
		if size := len(b.rows) + len(b.problems); size >= r.cfg.Chunk && (row[store.ColumnLead] != lead || size >= 2*r.cfg.Chunk) {
			if err := send(); err != nil {
				return err
			}
		}
		lead = row[store.ColumnLead]
		id := count.id(row)
		normal, reason := n.Normalise(row)
		if reason != "" {
			p := Problem{Row: asMap(row), Reason: reason}
			text, err := json.Marshal(p.Row)
			if err != nil {
				return err
			}
			b.problems = append(b.problems, store.ImportProblem{ID: id, Row: string(text), Reason: reason, FoundAt: now})
			if len(b.first) < r.cfg.Show {
				b.first = append(b.first, p)
			}
			return nil
		}
		for _, column := range normal.Changed {
			b.normalised[column]++
		}
		b.rows = append(b.rows, store.ImportRow{
			ID: id, At: normal.At, Precision: normal.Precision, ChatID: normal.ChatID, LabelID: normal.LabelID, Status: normal.Status,
			Client: normal.Client, CS: normal.CS, LabelName: normal.LabelName,
		})
		return nil
	})
	if err != nil {
		return err
	}
	return send()
}

func (r *run) write(ctx context.Context, in <-chan *batch) error {
	state := store.ImportRun{Session: r.cfg.Session, Table: r.cfg.Name, Source: r.cfg.Source, StartedAt: r.cfg.Now().UnixMilli()}
	do := r.cfg.Store.Import
	if r.cfg.DryRun {
		do = r.cfg.Store.PlanImport
	}
	for b := range in {
		done, err := do(ctx, store.ImportChunk{Run: state, Rows: b.rows, Problems: b.problems})
		if err != nil {
			return err
		}
		state.Imported.Add(done)
		state.Read += int64(len(b.rows) + len(b.problems))
		r.result.Rows, r.result.Imported = state.Read, state.Imported
		for column, n := range b.normalised {
			r.result.Normalised[column] += n
		}
		r.result.First = append(r.result.First, b.first[:min(len(b.first), r.cfg.Show-len(r.result.First))]...)
		if r.cfg.Progress != nil {
			r.cfg.Progress(r.result)
		}
	}
	if ctx.Err() != nil || r.cfg.DryRun {
		return ctx.Err()
	}
	return r.cfg.Store.FinishImport(ctx, state)
}

// NormaliserFor knows that a column of type TIMESTAMP is read as UTC, whatever
// anybody's zone.
func NormaliserFor(t store.Table, zone *time.Location) Normaliser {
	if c, ok := t.Column(store.SevenColumns[store.ColumnAt]); ok && c.Type == "timestamp" {
		zone = time.UTC
	}
	if zone == nil {
		zone = time.UTC
	}
	return Normaliser{Zone: zone}
}

func asMap(row *[7]store.Cell) map[string]*string {
	m := map[string]*string{}
	for i, c := range row {
		if c.Null {
			m[store.SevenColumns[i]] = nil
		} else {
			text := c.Text
			m[store.SevenColumns[i]] = &text
		}
	}
	return m
}

// Lacking are columns without which no row of a table means anything.
func Lacking(t store.Table) []string {
	var all []string
	for _, i := range []int{store.ColumnAt, store.ColumnLead, store.ColumnLabelID, store.ColumnStatus} {
		if _, ok := t.Column(store.SevenColumns[i]); !ok {
			all = append(all, store.SevenColumns[i])
		}
	}
	return all
}
