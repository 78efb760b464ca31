package mysql

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"tandai/internal/store"
	"tandai/internal/store/sqlstore"
)

func foreignDialect() sqlstore.ForeignDialect {
	return sqlstore.ForeignDialect{
		Quote: quote, Columns: columns,
		AsText: func(expr, columnType string) string {
			if columnType == "double" { // written as 6.285678e12 it looks rounded
				return "CAST(" + expr + " AS DECIMAL(40,6))"
			}
			return expr // the protocol has text for everything
		},
		AsBytes: func(quoted string) string { return "CAST(" + quoted + " AS BINARY)" },
		BeforeReading: func(ctx context.Context, c *sql.Conn) {
			// Beyond a minute of silence the server hangs up on who reads slowly. A
			// server that does not take this still works, for those who do not.
			_, _ = c.ExecContext(ctx, "SET SESSION net_write_timeout = 3600")
		},
		ViewLike: viewLike, Swap: swap,
	}
}

func columns(ctx context.Context, c *sql.Conn, table string) ([]store.TableColumn, error) {
	rows, err := c.QueryContext(ctx, `SELECT column_name, data_type, COALESCE(character_set_name, ''), COALESCE(collation_name, '')
FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = ? ORDER BY ordinal_position`, table)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []store.TableColumn
	for rows.Next() {
		var col store.TableColumn
		if err := rows.Scan(&col.Name, &col.Type, &col.Charset, &col.Collation); err != nil {
			return nil, err
		}
		col.Type = strings.ToLower(col.Type)
		all = append(all, col)
	}
	return all, rows.Err()
}

// viewLike is createView with the character sets and collations of a table, so
// that joins of the analysts compare as they did: two columns of different
// collations cannot be compared at all.
func viewLike(name, session string, like []store.TableColumn) string {
	t := store.Table{Columns: like}
	var list []string
	for _, column := range store.SevenColumns {
		expr := "e." + column
		if c, ok := t.Column(column); ok && column != store.SevenColumns[store.ColumnAt] && isName(c.Charset) && isName(c.Collation) {
			switch {
			case c.Collation == "utf8mb4_bin": // ours
			case c.Charset == "utf8mb4":
				expr += " COLLATE " + c.Collation
			default:
				expr = "CONVERT(" + expr + " USING " + c.Charset + ") COLLATE " + c.Collation
			}
		}
		list = append(list, expr+" AS "+column)
	}
	return "CREATE OR REPLACE VIEW " + quote(name) + " AS\nSELECT " + strings.Join(list, ", ") + `
FROM label_events e WHERE e.session = ` + literal(session) + ` AND NOT EXISTS (SELECT 1 FROM label_events below WHERE below.seq < 0)`
}

// isName tells names of character sets and collations from anything else.
func isName(s string) bool {
	return s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
}

// swap exchanges names in one statement, which is atomic, and works for views
// inside one database. It waits for whoever reads either; everybody else would
// wait behind it, so not for long. Sources: MySQL 8 and MariaDB manuals, RENAME
// TABLE.
func swap(ctx context.Context, c *sql.Conn, s sqlstore.Swap) error {
	var before string
	if err := c.QueryRowContext(ctx, "SELECT @@SESSION.lock_wait_timeout").Scan(&before); err != nil {
		return err
	}
	if _, err := c.ExecContext(ctx, "SET SESSION lock_wait_timeout = 10"); err != nil {
		return err
	}
	first, second := [2]string{s.Front, s.Back}, [2]string{s.View, s.Front}
	if s.Undo {
		first, second = [2]string{s.Front, s.View}, [2]string{s.Back, s.Front}
	}
	_, err := c.ExecContext(ctx, fmt.Sprintf("RENAME TABLE %s TO %s, %s TO %s",
		quote(first[0]), quote(first[1]), quote(second[0]), quote(second[1])))
	if _, resetErr := c.ExecContext(ctx, "SET SESSION lock_wait_timeout = "+before); err == nil {
		err = resetErr
	}
	return err
}
