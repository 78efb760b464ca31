package main

import (
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/go-sql-driver/mysql"
	"github.com/rogpeppe/go-internal/testscript"
	_ "modernc.org/sqlite" // the driver
)

// cmdSQL runs a statement on the database behind Tandai's back: the one that
// TANDAI_DATABASE names, else data/tandai.db. It prints a line for each row, its
// columns between tabs.
func cmdSQL(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 1, "sql STATEMENT")
	db, err := openDatabase(ts)
	ts.Check(err)
	defer db.Close()
	rows, err := db.Query(args[0])
	ts.Check(err)
	defer rows.Close()
	columns, err := rows.Columns()
	ts.Check(err)
	values, to := make([]sql.NullString, len(columns)), make([]any, len(columns))
	for i := range values {
		to[i] = &values[i]
	}
	for rows.Next() {
		ts.Check(rows.Scan(to...))
		line := make([]string, len(values))
		for i, v := range values {
			line[i] = v.String
			if !v.Valid {
				line[i] = "NULL"
			}
		}
		_, err := fmt.Fprintln(ts.Stdout(), strings.Join(line, "\t"))
		ts.Check(err)
	}
	ts.Check(rows.Err())
}

func openDatabase(ts *testscript.TestScript) (*sql.DB, error) {
	dsn := ts.Getenv("TANDAI_DATABASE")
	if dsn == "" {
		return sql.Open("sqlite", "file:"+filepath.Join(ts.MkAbs("."), "data", "tandai.db")+"?_pragma=busy_timeout(10000)")
	}
	u, err := url.Parse(dsn)
	if err != nil {
		return nil, err
	}
	return openMySQL(u)
}

func openMySQL(u *url.URL) (*sql.DB, error) {
	cfg := mysql.NewConfig()
	cfg.Net, cfg.Addr, cfg.User, cfg.DBName = "tcp", u.Host, u.User.Username(), strings.TrimPrefix(u.Path, "/")
	cfg.Passwd, _ = u.User.Password()
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}
