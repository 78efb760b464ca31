package importer_test

import (
	"context"
	"database/sql"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/go-sql-driver/mysql"

	"tandai/internal/importer"
	"tandai/internal/mariadbtest"
	"tandai/internal/store"
	"tandai/internal/store/mysql"
	"tandai/internal/store/sqlite"
)

// desk is a store, and a way around it.
type desk struct {
	t     testing.TB
	store interface {
		store.Store
		store.Importing
	}
	raw *sql.DB
}

func onSQLite(t testing.TB) *desk {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tandai.db")
	s, err := sqlite.Open(sqlite.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	raw, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { raw.Close() })
	d := &desk{t, s, raw}
	d.migrate()
	return d
}

func onMariaDB(t testing.TB) *desk {
	t.Helper()
	u, err := url.Parse(mariadbtest.DSN(t))
	if err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	s, err := mysql.Open(mysql.Config{Addr: u.Host, User: u.User.Username(), Password: password, Database: u.Path[1:]})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	raw, err := sql.Open("mysql", u.User.String()+"@tcp("+u.Host+")"+u.Path+"?collation=utf8mb4_bin")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { raw.Close() })
	d := &desk{t, s, raw}
	d.migrate()
	return d
}

func (d *desk) migrate() {
	d.t.Helper()
	if _, err := d.store.Migrate(context.Background()); err != nil {
		d.t.Fatal(err)
	}
}

func (d *desk) exec(query string, args ...any) {
	d.t.Helper()
	if _, err := d.raw.Exec(query, args...); err != nil {
		d.t.Fatalf("%s: %v", query, err)
	}
}

// rows are a query's rows, cells joined by " | ".
func (d *desk) rows(query string, args ...any) []string {
	d.t.Helper()
	rows, err := d.raw.Query(query, args...)
	if err != nil {
		d.t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		d.t.Fatal(err)
	}
	cells, to := make([]sql.NullString, len(columns)), make([]any, len(columns))
	for i := range cells {
		to[i] = &cells[i]
	}
	var all []string
	for rows.Next() {
		if err := rows.Scan(to...); err != nil {
			d.t.Fatal(err)
		}
		line := make([]string, len(cells))
		for i, c := range cells {
			if line[i] = c.String; !c.Valid {
				line[i] = "NULL"
			}
		}
		all = append(all, strings.Join(line, " | "))
	}
	if err := rows.Err(); err != nil {
		d.t.Fatal(err)
	}
	return all
}

func (d *desk) table(name string) store.Table {
	d.t.Helper()
	t, found, err := d.store.ForeignTable(context.Background(), name)
	if err != nil || !found {
		d.t.Fatalf("table %s: found %v, %v", name, found, err)
	}
	return t
}

func (d *desk) config(table, session string) importer.Config {
	d.t.Helper()
	return importer.Config{Store: d.store, From: d.store, Table: d.table(table), Session: session, Zone: jakarta}
}

func (d *desk) run(cfg importer.Config) importer.Result {
	d.t.Helper()
	r, err := importer.Run(context.Background(), cfg)
	if err != nil {
		d.t.Fatal(err)
	}
	return r
}

// verify fails when a rebuild would change anything.
func (d *desk) verify() {
	d.t.Helper()
	r, err := d.store.Rebuild(context.Background(), store.RebuildOptions{DryRun: true})
	if err != nil || r.Differences != 0 {
		d.t.Fatalf("a rebuild would change %d rows: %+v, %v", r.Differences, r.First, err)
	}
}

const original = `WITH latest AS (
  SELECT t.* FROM (
    SELECT l.*, ROW_NUMBER() OVER (PARTITION BY nomor_lead, label_id ORDER BY timestamp_unix DESC) AS rn FROM labeling_toko l
  ) t WHERE t.rn = 1 AND t.status = 'add_label'
) SELECT timestamp_unix, klien, nomor_cs, nomor_lead, label_id, label_name, status FROM latest ORDER BY nomor_lead, label_id`
