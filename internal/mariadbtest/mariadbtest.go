// Package mariadbtest gives tests a real MariaDB.
//
// [DSN] hands out a fresh, empty database and is what most tests want. The
// server behind it is the one named by TANDAI_TEST_MYSQL (`make test` starts
// one for all packages), else one that this process starts for itself.
// [Start] gives a test a server of its own, to kill and to bring back.
//
// A server started here lives in a folder of its own under the temporary
// folder, listens on 127.0.0.1 alone, and ends with the process that started
// it, whatever ends that: return, panic, time-out or SIGKILL. Its durability
// settings are MariaDB's defaults, so that what survives a kill here survives
// one in production; only its buffers are small.
//
// Unix only. Nothing but tests, benchmarks and their scripts may import it.
package mariadbtest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
)

// EnvURL names the environment variable that holds the server to use, as
// mysql://user[:pass]@host:port/. Its user may create and drop databases.
const EnvURL = "TANDAI_TEST_MYSQL"

// shared is the server that DSN starts once per process. It is never closed:
// its watcher ends it when the process is gone.
var shared = sync.OnceValues(func() (*Server, error) { return New(Config{}) })

// DSN returns mysql://user[:pass]@host:port/database of a fresh, empty utf8mb4
// database that is dropped when t ends.
//
// Where there is no server and no MariaDB to start one with, the test is
// skipped; with CI set in the environment it fails instead.
func DSN(t testing.TB) string {
	t.Helper()
	base := os.Getenv(EnvURL)
	if base == "" {
		s, err := shared()
		if err != nil {
			unavailable(t, err)
		}
		base = s.base()
	}
	return freshDatabase(t, base)
}

// Start starts a server for t alone and removes it when t ends. It skips and
// fails as DSN does. Use it for tests that kill, stop or restart the server;
// for anything else DSN is cheaper.
func Start(t testing.TB) *Server {
	t.Helper()
	s, err := New(Config{})
	if err != nil {
		unavailable(t, err)
	}
	s.t = t
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("mariadbtest: close: %v", err)
		}
	})
	return s
}

// unavailable ends t: skipped where MariaDB is merely not installed, failed
// where it is broken or where CI demands it.
func unavailable(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, ErrNotInstalled) && os.Getenv("CI") == "" {
		t.Skipf("SKIPPED, NOT TESTED ON MARIADB: %v", err)
	}
	t.Fatalf("mariadbtest: %v", err)
}

// freshDatabase creates a database on the server at base, dropped at t's end.
func freshDatabase(t testing.TB, base string) string {
	t.Helper()
	cfg, err := driverConfig(base)
	if err != nil {
		t.Fatalf("mariadbtest: %s: %v", EnvURL, err)
	}
	name := fmt.Sprintf("tandai_test_%d_%s", os.Getpid(), randomHex(4))
	if err := run(cfg, "CREATE DATABASE `"+name+"` CHARACTER SET utf8mb4"); err != nil {
		t.Fatalf("mariadbtest: create database: %v", err)
	}
	t.Cleanup(func() {
		// A transaction left open holds the database's tables; 20 seconds
		// are more than any that is still going to end will take.
		err := run(cfg, "SET STATEMENT lock_wait_timeout = 20 FOR DROP DATABASE IF EXISTS `"+name+"`")
		if err != nil {
			t.Errorf("mariadbtest: drop database %s (is a transaction still open, or the server gone?): %v", name, err)
		}
	})
	u, _ := url.Parse(base) // driverConfig has parsed it before
	u.Path = "/" + name
	return u.String()
}

// driverConfig turns mysql://user[:pass]@host:port/[database] into the
// driver's configuration.
func driverConfig(base string) (*mysql.Config, error) {
	u, err := url.Parse(base)
	if err != nil || u.Scheme != "mysql" || u.User == nil || u.Hostname() == "" {
		// The text may hold a password, so it is not repeated.
		return nil, errors.New("want mysql://user[:pass]@host:port/")
	}
	cfg := mysql.NewConfig()
	cfg.Net = "tcp"
	cfg.Addr = u.Host
	if u.Port() == "" {
		cfg.Addr = net.JoinHostPort(u.Hostname(), "3306")
	}
	cfg.User = u.User.Username()
	cfg.Passwd, _ = u.User.Password()
	cfg.Timeout = 5 * time.Second
	cfg.Logger = &mysql.NopLogger{} // polling a server that is starting is not news
	return cfg, nil
}

// run runs one statement on a connection of its own.
func run(cfg *mysql.Config, statement string) error {
	return with(cfg, func(ctx context.Context, db *sql.DB) error {
		_, err := db.ExecContext(ctx, statement)
		return err
	})
}

// dataDir asks the server where its data folder is.
func dataDir(cfg *mysql.Config) (dir string, err error) {
	err = with(cfg, func(ctx context.Context, db *sql.DB) error {
		return db.QueryRowContext(ctx, "SELECT @@datadir").Scan(&dir)
	})
	return dir, err
}

func with(cfg *mysql.Config, do func(context.Context, *sql.DB) error) error {
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	return do(ctx, db)
}

func randomHex(n int) string {
	b := make([]byte, n)
	rand.Read(b) // never fails since Go 1.24
	return hex.EncodeToString(b)
}
