package bench

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"

	"tandai/internal/mariadbtest"
	"tandai/internal/store"
	"tandai/internal/store/mysql"
	"tandai/internal/store/sqlite"
)

// database is one engine under test, with a second way in for raw statements.
type database struct {
	name  string
	url   string // for tandai's own --database
	store store.Store
	raw   *sql.DB
	// copyTable makes a table of another name with the same columns and indexes.
	copyTable    func(ctx context.Context, from, to string) error
	perStatement int // rows in one raw INSERT
	close        func()
}

func openSQLite(dir string) (*database, error) {
	path := filepath.Join(dir, "tandai.db")
	s, err := sqlite.Open(sqlite.Config{Path: path})
	if err != nil {
		return nil, err
	}
	raw, err := sql.Open("sqlite", "file:"+path+"?_txlock=immediate&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=cache_size(-32768)&_pragma=temp_store(MEMORY)")
	if err != nil {
		return nil, err
	}
	raw.SetMaxOpenConns(1)
	d := &database{name: "SQLite", url: "sqlite:" + path, store: s, raw: raw, perStatement: 20}
	d.copyTable = func(ctx context.Context, from, to string) error {
		rows, err := raw.QueryContext(ctx, "SELECT sql FROM sqlite_master WHERE tbl_name = ? AND sql IS NOT NULL", from)
		if err != nil {
			return err
		}
		defer rows.Close()
		var statements []string
		for rows.Next() {
			var text string
			if err := rows.Scan(&text); err != nil {
				return err
			}
			statements = append(statements, replaceAll(text, from, to))
		}
		if err := rows.Err(); err != nil {
			return err
		}
		rows.Close()
		for _, text := range statements {
			if _, err := raw.ExecContext(ctx, text); err != nil {
				return err
			}
		}
		return nil
	}
	d.close = func() { raw.Close(); s.Close() }
	return d, nil
}

func openMariaDB(args ...string) (*database, error) {
	server, err := mariadbtest.New(mariadbtest.Config{Args: args})
	if err != nil {
		return nil, fmt.Errorf("start MariaDB: %w", err)
	}
	u, err := url.Parse(server.URL())
	if err != nil {
		return nil, err
	}
	s, err := mysql.Open(mysql.Config{Addr: u.Host, User: u.User.Username(), Database: u.Path[1:]})
	if err != nil {
		return nil, err
	}
	raw, err := sql.Open("mysql", u.User.Username()+"@tcp("+u.Host+")"+u.Path+"?collation=utf8mb4_bin")
	if err != nil {
		return nil, err
	}
	d := &database{name: "MariaDB", url: server.URL(), store: s, raw: raw, perStatement: 500}
	d.copyTable = func(ctx context.Context, from, to string) error {
		_, err := raw.ExecContext(ctx, "CREATE TABLE "+to+" LIKE "+from)
		return err
	}
	d.close = func() { raw.Close(); s.Close(); server.Close() }
	return d, nil
}

// bigPool is what a database of a million events is given: it should not be the
// disk that is measured.
const bigPool = "--innodb-buffer-pool-size=1G"

// engines calls do with each engine that is asked for.
func engines(opt Options, dir string, do func(*database) ([]Result, error)) ([]Result, error) {
	var all []Result
	for _, e := range []struct {
		name string
		open func() (*database, error)
	}{
		{"MariaDB", func() (*database, error) { return openMariaDB(bigPool) }},
		{"SQLite", func() (*database, error) { return openSQLite(dir) }},
	} {
		if opt.Engine != "" && opt.Engine != e.name {
			continue
		}
		db, err := e.open()
		if err != nil {
			return all, err
		}
		results, err := do(db)
		db.close()
		all = append(all, results...)
		if err != nil {
			return all, fmt.Errorf("%s: %w", e.name, err)
		}
	}
	return all, nil
}
