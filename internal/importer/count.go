package importer

import (
	"tandai/internal/label"
	"tandai/internal/store"
)

// counter numbers rows that are equal in all seven columns. Rows come with equal
// nomor_lead together, so it need not remember more than one lead at a time; where
// a cell is so long that an engine may sort by its beginning only, it remembers.
type counter struct {
	session string
	lead    store.Cell
	begun   bool
	seen    map[[7]store.Cell]int
	long    map[[7]store.Cell]int
}

// longCell is what engines surely sort by in full: MySQL's max_sort_length is 1024
// bytes.
const longCell = 256

func newCounter(session string) *counter {
	return &counter{session: session, seen: map[[7]store.Cell]int{}, long: map[[7]store.Cell]int{}}
}

// id is the row's label.ImportID.
func (c *counter) id(row *[7]store.Cell) string {
	seen := c.seen
	switch lead := row[store.ColumnLead]; {
	case len(lead.Text) > longCell:
		seen = c.long
	case !c.begun || lead != c.lead:
		clear(c.seen)
		c.lead, c.begun = lead, true
	}
	n := seen[*row]
	seen[*row] = n + 1
	columns := make([]label.ImportColumn, len(row))
	for i, cell := range row {
		columns[i] = label.ImportColumn(cell)
	}
	return label.ImportID(c.session, columns, n)
}
