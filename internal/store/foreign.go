package store

import "context"

// The seven columns of the analysts' table, in their order.
var SevenColumns = [7]string{"timestamp_unix", "klien", "nomor_cs", "nomor_lead", "label_id", "label_name", "status"}

// Places of the seven columns.
const (
	ColumnAt = iota
	ColumnClient
	ColumnCS
	ColumnLead
	ColumnLabelID
	ColumnLabelName
	ColumnStatus
)

// Foreign reads tables that are not Tandai's own. None of it writes or locks.
type Foreign interface {
	// ForeignTable looks a table or view up; found is false where there is none.
	ForeignTable(ctx context.Context, name string) (t Table, found bool, err error)
	// ReadTable calls yield for each row, as text, until it returns an error. It
	// streams: memory does not grow with the table. A column that the table lacks
	// is NULL. The slice is the callee's: copy what is to be kept.
	ReadTable(ctx context.Context, t Table, order TableOrder, yield func(row *[7]Cell) error) error
	// StampTable is by what a table that is being written is told: its rows are
	// counted, and the greatest timestamp_unix, as it stands.
	StampTable(ctx context.Context, t Table) (Stamp, error)
}

// Cell is a value as text.
type Cell struct {
	Text string
	Null bool
}

// TableOrder is the order of ReadTable.
type TableOrder int

// The orders.
const (
	AsItComes TableOrder = iota
	// ByLead keeps the rows of one nomor_lead (byte for byte) together.
	ByLead
)

// Table is a foreign table or view.
type Table struct {
	Name    string
	View    bool
	Columns []TableColumn
}

// Column returns the column of that name, in whatever case it is written.
func (t Table) Column(name string) (TableColumn, bool) {
	for _, c := range t.Columns {
		if equalFoldASCII(c.Name, name) {
			return c, true
		}
	}
	return TableColumn{}, false
}

func equalFoldASCII(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		x, y := a[i], b[i]
		if 'A' <= x && x <= 'Z' {
			x += 'a' - 'A'
		}
		if 'A' <= y && y <= 'Z' {
			y += 'a' - 'A'
		}
		if x != y {
			return false
		}
	}
	return true
}

// TableColumn is a column as the engine declares it.
type TableColumn struct {
	Name      string
	Type      string // lower case, without length: varchar, bigint, timestamp
	Charset   string // "" where it has none
	Collation string
}

// Stamp is what a table looks like at one time.
type Stamp struct {
	Rows   int64
	Newest string // greatest timestamp_unix, "" of an empty table
}
