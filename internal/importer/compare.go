package importer

import (
	"cmp"
	"context"
	"hash/maphash"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"tandai/internal/store"
)

// Comparison is how a table and a view of the same session differ, row by row in
// the seven columns, the table's as they are normalised.
type Comparison struct {
	Same       int64            `json:"same"`
	Different  int64            `json:"different"`  // the same event, other text in some column
	Columns    map[string]int64 `json:"columns"`    // of Different: rows by column
	OnlyTable  int64            `json:"only_table"` // unreadable rows included
	OnlyView   int64            `json:"only_tandai"`
	Unreadable int64            `json:"unreadable"`
	// First are the first of each kind: rows that only the table has, then those that
	// only the view has, then those that differ.
	First []RowDifference `json:"first"`
}

// RowDifference is one row that both sides do not have alike; a side that lacks it
// is nil.
type RowDifference struct {
	Table *[7]string `json:"table"`
	View  *[7]string `json:"tandai"`

	// Of a row that only the view of an adopted table has, by which the log knows it.
	EventID string `json:"event_id,omitempty"`
	Source  string `json:"source,omitempty"`
}

// Show is how many rows of a kind a Comparison names; it counts them all.
type Show struct {
	OnlyView int
	Other    int // of those that only the table has, and of those that differ
}

// Compare reads both sides whole, but keeps neither: it sums up what rows hash to,
// in buckets by event, and reads again only the buckets whose sums differ. Both are
// summed in any order, so neither side need sort.
func Compare(ctx context.Context, table, view Side, zone *time.Location, show Show) (Comparison, error) {
	c := &comparison{seeds: [3]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed(), maphash.MakeSeed()}, show: show}
	c.normaliser = NormaliserFor(table.Table, zone)
	c.result = Comparison{Columns: map[string]int64{}}
	err := c.compare(ctx, table, view)
	c.result.First = append(append(append([]RowDifference{}, c.onlyTable...), c.onlyView...), c.different...)
	return c.result, err
}

func (c *comparison) compare(ctx context.Context, table, view Side) error {
	sums, err := c.sum(ctx, table, view)
	if err != nil {
		return err
	}
	var again []int
	size := int64(0)
	flush := func() error {
		if len(again) == 0 {
			return nil
		}
		err := c.look(ctx, table, view, again)
		again, size = nil, 0
		return err
	}
	for i, s := range sums[0] {
		if s == sums[1][i] {
			c.result.Same += s.rows
			continue
		}
		again, size = append(again, i), size+s.rows+sums[1][i].rows
		if size > perLook {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// Side is a table or a view, and where it is read.
type Side struct {
	From  store.Foreign
	Table store.Table
}

const (
	buckets = 1 << 14
	perLook = 400_000 // rows kept at once
)

type bucket struct {
	rows   int64
	lo, hi uint64
}

type comparison struct {
	seeds      [3]maphash.Seed
	normaliser Normaliser
	show       Show
	result     Comparison

	onlyTable, onlyView, different []RowDifference // of each, the first
}

// normal is the row in seven texts as the view should have it; ok is false where
// it cannot be.
func (c *comparison) normal(row *[7]store.Cell) (out [7]string, precision int64, ok bool) {
	n, reason := c.normaliser.Normalise(row)
	if reason != "" {
		return out, 0, false
	}
	who, _, _ := strings.Cut(n.ChatID, "@c.us")
	return [7]string{digits(n.At), n.Client, n.CS, who, n.LabelID, n.LabelName, string(n.Status)}, n.Precision, true
}

func plain(row *[7]store.Cell) (out [7]string) {
	for i, cell := range row {
		out[i] = cell.Text
	}
	return out
}

// event is what makes two rows accounts of one event; times agree in the second, so
// that a table which has no more can be compared.
func event(r *[7]string) string {
	at := r[store.ColumnAt]
	return at[:max(0, len(at)-3)] + "\x00" + r[store.ColumnLead] + "\x00" + r[store.ColumnLabelID] + "\x00" + r[store.ColumnStatus]
}

func (c *comparison) place(r *[7]string) int {
	return int(maphash.String(c.seeds[0], event(r)) % buckets)
}

func (c *comparison) sum(ctx context.Context, table, view Side) ([2][]bucket, error) {
	sums := [2][]bucket{make([]bucket, buckets), make([]bucket, buckets)}
	var unreadable int64
	add := func(to []bucket, r *[7]string) {
		b := &to[c.place(r)]
		var text []byte
		for _, cell := range r {
			text = append(strconv.AppendInt(text, int64(len(cell)), 10), ':')
			text = append(text, cell...)
		}
		b.rows++
		b.lo += maphash.Bytes(c.seeds[1], text)
		b.hi += maphash.Bytes(c.seeds[2], text)
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		return table.From.ReadTable(ctx, table.Table, store.AsItComes, func(row *[7]store.Cell) error {
			r, _, ok := c.normal(row)
			if !ok {
				unreadable++
				return nil
			}
			add(sums[0], &r)
			return nil
		})
	})
	group.Go(func() error {
		return view.From.ReadTable(ctx, view.Table, store.AsItComes, func(row *[7]store.Cell) error {
			r := plain(row)
			add(sums[1], &r)
			return nil
		})
	})
	err := group.Wait()
	c.result.Unreadable, c.result.OnlyTable = unreadable, unreadable
	return sums, err
}

type sideRow struct {
	row       [7]string
	precision int64
}

// look compares the rows of some buckets one by one.
func (c *comparison) look(ctx context.Context, table, view Side, places []int) error {
	wanted := map[int]bool{}
	for _, p := range places {
		wanted[p] = true
	}
	tables, views := map[string][]sideRow{}, map[string][]sideRow{}
	err := table.From.ReadTable(ctx, table.Table, store.AsItComes, func(row *[7]store.Cell) error {
		if r, precision, ok := c.normal(row); ok && wanted[c.place(&r)] {
			tables[event(&r)] = append(tables[event(&r)], sideRow{r, precision})
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = view.From.ReadTable(ctx, view.Table, store.AsItComes, func(row *[7]store.Cell) error {
		if r := plain(row); wanted[c.place(&r)] {
			views[event(&r)] = append(views[event(&r)], sideRow{r, 1})
		}
		return nil
	})
	if err != nil {
		return err
	}
	keys := map[string]bool{}
	for k := range tables {
		keys[k] = true
	}
	for k := range views {
		keys[k] = true
	}
	order := make([]string, 0, len(keys))
	for k := range keys {
		order = append(order, k)
	}
	slices.Sort(order)
	for _, k := range order {
		c.pair(tables[k], views[k])
	}
	return nil
}

// pair pairs the accounts of one kind of event: first those that are equal, then
// those of the same millisecond, then those that say no more than the second.
func (c *comparison) pair(tables, views []sideRow) {
	byRow := func(a, b sideRow) int {
		return slices.CompareFunc(a.row[:], b.row[:], func(x, y string) int { return cmp.Compare(x, y) })
	}
	slices.SortFunc(tables, byRow)
	slices.SortFunc(views, byRow)
	match := func(same func(t, v sideRow) bool, found func(t, v sideRow)) {
		tables = slices.DeleteFunc(tables, func(t sideRow) bool {
			i := slices.IndexFunc(views, func(v sideRow) bool { return same(t, v) })
			if i < 0 {
				return false
			}
			found(t, views[i])
			views = slices.Delete(views, i, i+1)
			return true
		})
	}
	match(func(t, v sideRow) bool { return t.row == v.row }, func(t, v sideRow) { c.result.Same++ })
	match(func(t, v sideRow) bool { return t.row[store.ColumnAt] == v.row[store.ColumnAt] }, c.differ)
	match(func(t, v sideRow) bool { return t.precision == 1000 }, c.differ)
	for _, t := range tables {
		c.result.OnlyTable++
		keep(&c.onlyTable, c.show.Other, RowDifference{Table: &t.row})
	}
	for _, v := range views {
		c.result.OnlyView++
		keep(&c.onlyView, c.show.OnlyView, RowDifference{View: &v.row})
	}
}

func (c *comparison) differ(t, v sideRow) {
	c.result.Different++
	for i := range t.row {
		if t.row[i] != v.row[i] {
			c.result.Columns[store.SevenColumns[i]]++
		}
	}
	keep(&c.different, c.show.Other, RowDifference{Table: &t.row, View: &v.row})
}

func keep(first *[]RowDifference, show int, d RowDifference) {
	if len(*first) < show {
		*first = append(*first, d)
	}
}
