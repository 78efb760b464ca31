package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"tandai/internal/store"
	"tandai/internal/store/sqlstore"
)

func foreignDialect() sqlstore.ForeignDialect {
	return sqlstore.ForeignDialect{
		Quote: quote, Columns: columns,
		AsText:        func(expr, _ string) string { return "CAST(" + expr + " AS TEXT)" },
		AsBytes:       func(quoted string) string { return "CAST(" + quoted + " AS BLOB)" },
		BeforeReading: func(context.Context, *sql.Conn) {},
		ViewLike:      func(name, session string, _ []store.TableColumn) string { return createView(name, session) },
		Swap:          swap,
	}
}

func columns(ctx context.Context, c *sql.Conn, table string) ([]store.TableColumn, error) {
	rows, err := c.QueryContext(ctx, "SELECT name, type FROM pragma_table_info(?) ORDER BY cid", table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []store.TableColumn
	for rows.Next() {
		var col store.TableColumn
		if err := rows.Scan(&col.Name, &col.Type); err != nil {
			return nil, err
		}
		col.Type, _, _ = strings.Cut(strings.ToLower(col.Type), "(")
		all = append(all, col)
	}
	return all, rows.Err()
}

var errViewRenamed = errors.New("SQLite cannot rename a view: copy it into a table first")

// swap renames the table in one transaction. A view cannot be renamed in SQLite,
// so ours is made and dropped instead. What others wrote about the table's name
// (their views, their triggers) must go on meaning that name: SQLite rewrites it
// unless legacy_alter_table is on.
func swap(ctx context.Context, c *sql.Conn, s sqlstore.Swap) (err error) {
	if kind, err := object(ctx, c, map[bool]string{false: s.Front, true: s.Back}[s.Undo]); err != nil || kind == "view" {
		return errors.Join(err, errViewRenamed)
	}
	if _, err := c.ExecContext(ctx, "PRAGMA legacy_alter_table = ON"); err != nil {
		return err
	}
	defer func() {
		_, offErr := c.ExecContext(ctx, "PRAGMA legacy_alter_table = OFF")
		err = errors.Join(err, offErr)
	}()
	tx, err := c.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	statements := []string{
		"ALTER TABLE " + quote(s.Front) + " RENAME TO " + quote(s.Back), "DROP VIEW IF EXISTS " + quote(s.View), s.Create,
	}
	if s.Undo {
		statements = []string{"DROP VIEW " + quote(s.Front), "ALTER TABLE " + quote(s.Back) + " RENAME TO " + quote(s.Front)}
	}
	for _, statement := range statements {
		if _, err := tx.ExecContext(ctx, statement); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	return tx.Commit()
}
