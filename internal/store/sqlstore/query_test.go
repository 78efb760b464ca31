package sqlstore_test

import (
	"context"
	"database/sql"
	"net/url"
	"path/filepath"
	"testing"

	_ "github.com/go-sql-driver/mysql"

	"tandai/internal/mariadbtest"
	"tandai/internal/store/mysql"
	"tandai/internal/store/sqlite"
	"tandai/internal/store/sqlstore"
)

// Every statement is understood by both engines: no missing column, no dialect
// slip. Preparing does not run it.
func TestQueriesPrepare(t *testing.T) {
	ctx := context.Background()
	check := func(t *testing.T, d sqlstore.Dialect, db *sql.DB) {
		t.Helper()
		queries, err := sqlstore.Queries(d)
		if err != nil {
			t.Fatal(err)
		}
		if len(queries) < 40 {
			t.Fatalf("only %d statements found", len(queries))
		}
		for name, q := range queries {
			if name == "migration_lease.create" {
				continue // DDL
			}
			stmt, err := db.PrepareContext(ctx, sqlstore.Preparable(q))
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			stmt.Close()
		}
	}
	t.Run("SQLite", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "tandai.db")
		s, err := sqlite.Open(sqlite.Config{Path: path})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		migrateWithLease(t, s)
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		check(t, sqlite.Dialect(), db)
	})
	t.Run("MariaDB", func(t *testing.T) {
		u, err := url.Parse(mariadbtest.DSN(t))
		if err != nil {
			t.Fatal(err)
		}
		pass, _ := u.User.Password()
		s, err := mysql.Open(mysql.Config{Addr: u.Host, User: u.User.Username(), Password: pass, Database: u.Path[1:]})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		migrateWithLease(t, s)
		db, err := sql.Open("mysql", u.User.String()+"@tcp("+u.Host+")"+u.Path)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		check(t, mysql.Dialect(), db)
	})
}

func migrateWithLease(t *testing.T, s *sqlstore.DB) {
	t.Helper()
	if n, err := s.Migrate(context.Background()); err != nil || n == 0 {
		t.Fatalf("Migrate = %d, %v", n, err)
	}
	if n, err := s.Migrate(context.Background()); err != nil || n != 0 {
		t.Fatalf("Migrate again = %d, %v, want nothing to do", n, err)
	}
}
