package mysql_test

import (
	"database/sql"
	"net/url"
	"strings"
	"testing"

	driver "github.com/go-sql-driver/mysql"

	"tandai/internal/mariadbtest"
	"tandai/internal/store"
	"tandai/internal/store/mysql"
	"tandai/internal/store/storetest"
)

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Harness {
		at := config(t, mariadbtest.DSN(t))
		s := open(t, at)
		if _, err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		c := driver.NewConfig()
		c.Net, c.Addr, c.User, c.Passwd, c.DBName = "tcp", at.Addr, at.User, at.Password, at.Database
		connector, err := driver.NewConnector(c)
		if err != nil {
			t.Fatal(err)
		}
		raw := sql.OpenDB(connector)
		t.Cleanup(func() { raw.Close() })
		h := storetest.OnDB(s, raw)
		h.Reopen = func(t testing.TB) store.Store { return open(t, at) }
		h.Bare = func(t testing.TB) store.Store { return open(t, config(t, mariadbtest.DSN(t))) }
		return h
	})
}

func config(t testing.TB, dsn string) mysql.Config {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	password, _ := u.User.Password()
	return mysql.Config{Addr: u.Host, User: u.User.Username(), Password: password, Database: strings.TrimPrefix(u.Path, "/")}
}

func open(t testing.TB, at mysql.Config) store.Store {
	t.Helper()
	s, err := mysql.Open(at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}
