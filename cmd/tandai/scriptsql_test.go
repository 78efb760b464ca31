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
	rows, err := query(ts, args[0])
	ts.Check(err)
	_, err = fmt.Fprint(ts.Stdout(), rows)
	ts.Check(err)
}

// cmdAwaits runs a statement again and again until what it prints is as wanted:
// lines, their columns between tabs.
func cmdAwaits(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, len(args) == 2, "awaits STATEMENT RESULT")
	rows := ""
	wait(ts, "for "+args[1], func() string { return rows }, func() bool {
		var err error
		rows, err = query(ts, args[0])
		return err == nil && strings.TrimSpace(rows) == args[1] // it may not be migrated yet
	})
}

func query(ts *testscript.TestScript, statement string) (string, error) {
	db, err := openDatabase(ts)
	if err != nil {
		return "", err
	}
	defer db.Close()
	rows, err := db.Query(statement)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return "", err
	}
	var out strings.Builder
	values, to := make([]sql.NullString, len(columns)), make([]any, len(columns))
	for i := range values {
		to[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(to...); err != nil {
			return "", err
		}
		line := make([]string, len(values))
		for i, v := range values {
			line[i] = v.String
			if !v.Valid {
				line[i] = "NULL"
			}
		}
		out.WriteString(strings.Join(line, "\t") + "\n")
	}
	return out.String(), rows.Err()
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
