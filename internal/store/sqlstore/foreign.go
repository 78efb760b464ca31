package sqlstore

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"tandai/internal/store"
)

// ForeignDialect is how an engine reads tables that are not ours, and exchanges
// one with a view.
type ForeignDialect struct {
	Quote func(name string) string
	// Columns lists a table's columns in their order.
	Columns func(ctx context.Context, c *sql.Conn, table string) ([]store.TableColumn, error)
	// AsText is an expression that reads a column, whose type is given, as text that
	// has all its digits; AsBytes is one to order by.
	AsText  func(expr, columnType string) string
	AsBytes func(expr string) string
	// BeforeReading prepares a connection for a result that is read slowly.
	BeforeReading func(ctx context.Context, c *sql.Conn)
	// ViewLike is CreateView with the collations of the columns of a table.
	ViewLike func(name, session string, like []store.TableColumn) string
	// Swap renames front to back and the view named view to front, or with undo the
	// view named front to view and back to front: both at once, or neither.
	Swap func(ctx context.Context, c *sql.Conn, s Swap) error
}

// Swap is an exchange of a table and a view of a session.
type Swap struct {
	Front, Back, View string
	Create            string // the statement that makes the view under the name Front
	Undo              bool
}

// ForeignTable looks a table up. See store.Foreign.
func (db *DB) ForeignTable(ctx context.Context, name string) (store.Table, bool, error) {
	t := store.Table{Name: name}
	conn, err := db.read.Conn(ctx)
	if err != nil {
		return t, false, db.fault("look up table", err)
	}
	defer conn.Close()
	kind, err := db.d.Object(ctx, conn, name)
	if err != nil || kind == "" {
		return t, false, db.fault("look up table", err)
	}
	t.View = kind == "view"
	t.Columns, err = db.d.Columns(ctx, conn, name)
	return t, true, db.fault("look up table", err)
}

// ReadTable streams a table. See store.Foreign.
func (db *DB) ReadTable(ctx context.Context, t store.Table, order store.TableOrder, yield func(*[7]store.Cell) error) error {
	conn, err := db.read.Conn(ctx)
	if err != nil {
		return db.fault("read "+t.Name, err)
	}
	defer conn.Close()
	db.d.BeforeReading(ctx, conn)
	var raw [7]sql.RawBytes
	var to [7]any
	for i := range raw {
		to[i] = &raw[i]
	}
	rows, err := conn.QueryContext(ctx, db.selectSeven(t, order))
	if err != nil {
		return db.fault("read "+t.Name, err)
	}
	defer rows.Close()
	var row [7]store.Cell
	for rows.Next() {
		if err := rows.Scan(to[:]...); err != nil {
			return db.fault("read "+t.Name, err)
		}
		for i, v := range raw {
			row[i] = store.Cell{Text: string(v), Null: v == nil}
		}
		if err := yield(&row); err != nil {
			return err
		}
	}
	return db.fault("read "+t.Name, rows.Err())
}

// selectSeven is built from names that the database itself gave, quoted.
func (db *DB) selectSeven(t store.Table, order store.TableOrder) string {
	var list []string
	for _, name := range store.SevenColumns {
		c, ok := t.Column(name)
		if !ok {
			list = append(list, "NULL")
			continue
		}
		list = append(list, db.d.AsText(db.d.Quote(c.Name), c.Type))
	}
	query := "SELECT " + strings.Join(list, ", ") + " FROM " + db.d.Quote(t.Name)
	if c, ok := t.Column(store.SevenColumns[store.ColumnLead]); ok && order == store.ByLead {
		query += " ORDER BY " + db.d.AsBytes(db.d.Quote(c.Name))
	}
	return query
}

// StampTable counts a table. See store.Foreign.
func (db *DB) StampTable(ctx context.Context, t store.Table) (store.Stamp, error) {
	newest := "NULL"
	if c, ok := t.Column(store.SevenColumns[store.ColumnAt]); ok {
		newest = db.d.AsText("MAX("+db.d.Quote(c.Name)+")", c.Type)
	}
	var s store.Stamp
	var text sql.NullString
	err := db.read.QueryRowContext(ctx, fmt.Sprintf("SELECT COUNT(*), %s FROM %s", newest, db.d.Quote(t.Name))).Scan(&s.Rows, &text)
	s.Newest = text.String
	return s, db.fault("count "+t.Name, err)
}
