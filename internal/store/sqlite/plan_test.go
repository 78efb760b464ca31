package sqlite_test

import (
	"database/sql"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"tandai/internal/store/sqlite"
	"tandai/internal/store/sqlstore"
)

// Statements about some leads or labels of some sessions must cost what those
// cost, however large the database is: each part of the condition is a search by
// session and value.
func TestKeyedStatementsSearch(t *testing.T) {
	path := filepath.Join(t.TempDir(), "plan.db")
	db, err := sqlite.Open(sqlite.Config{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	queries, err := sqlstore.Queries(sqlite.Dialect())
	if err != nil {
		t.Fatal(err)
	}
	mark := regexp.MustCompile(`/\*keys (\w+)\*/`)
	keyed := 0
	for name, query := range queries {
		if !mark.MatchString(query) {
			continue
		}
		keyed++
		t.Run(name, func(t *testing.T) {
			column := mark.FindStringSubmatch(query)[1]
			query := mark.ReplaceAllString(query, "(session = ? AND $1 IN (?, ?)) OR (session = ? AND $1 IN (?, ?))")
			plan := planOf(t, raw, query)
			if strings.Count(plan, "session=? AND "+column+"=?") < 2 {
				t.Errorf("%s\nplan:\n%s", query, plan)
			}
		})
	}
	if keyed == 0 {
		t.Error("no statement has a keys mark")
	}
}

func planOf(t *testing.T, db *sql.DB, query string) string {
	t.Helper()
	args := make([]any, strings.Count(query, "?"))
	for i := range args {
		args[i] = ""
	}
	rows, err := db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var plan []string
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		plan = append(plan, detail)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(plan, "\n")
}
