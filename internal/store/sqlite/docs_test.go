package sqlite_test

import (
	"database/sql"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tandai/internal/store/sqlite"
)

var codeSpan = regexp.MustCompile("`([^`\n]+)`")

// dataPage reads docs/data.md: tables and views, and the columns that stand below
// each. A table is a heading with its name, or a row that begins with it in bold;
// columns stand as code in the cells before the text of a row.
func dataPage(t *testing.T) map[string]map[string]bool {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "data.md"))
	if err != nil {
		t.Fatal(err)
	}
	page, _, ok := strings.Cut(string(text), "\n## The inbox\n")
	if !ok {
		t.Fatal("the page has no part about the inbox, which is another database")
	}
	heading := regexp.MustCompile("^### `([a-z_]+)`")
	bold := regexp.MustCompile("^\\| \\*\\*`([a-z_]+)`\\*\\* \\| (.*)$")
	tables, current := map[string]map[string]bool{}, ""
	begin := func(name string) {
		if current = name; tables[name] == nil {
			tables[name] = map[string]bool{}
		}
	}
	for line := range strings.Lines(page) {
		line = strings.TrimSpace(line)
		columns := ""
		switch {
		case strings.HasPrefix(line, "#"):
			current = ""
			if m := heading.FindStringSubmatch(line); m != nil {
				begin(m[1])
			}
		case bold.MatchString(line):
			m := bold.FindStringSubmatch(line)
			begin(m[1])
			columns, _, _ = strings.Cut(m[2], "|")
		case strings.HasPrefix(line, "| | `"):
			columns, _, _ = strings.Cut(line[len("| | "):], "|")
		case strings.HasPrefix(line, "| `"):
			columns, _, _ = strings.Cut(line[len("| "):], "|")
		}
		if current == "" {
			continue
		}
		for _, m := range codeSpan.FindAllStringSubmatch(columns, -1) {
			tables[current][m[1]] = true
		}
	}
	return tables
}

// schema reads the tables and views of a migrated database, with their columns.
func schema(t *testing.T) map[string][]string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "tandai.db")
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
	rows, err := raw.QueryContext(t.Context(), `SELECT m.name, c.name FROM sqlite_schema m, pragma_table_info(m.name) c
		WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite\_%' ESCAPE '\'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	tables := map[string][]string{}
	for rows.Next() {
		var table, column string
		if err := rows.Scan(&table, &column); err != nil {
			t.Fatal(err)
		}
		tables[table] = append(tables[table], column)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return tables
}

// The page is what analysts know of the database: nothing in it may be missing
// there, and nothing there may be gone.
func TestDataPage_is_the_schema(t *testing.T) {
	page, want := dataPage(t), schema(t)
	for _, table := range slices.Sorted(maps.Keys(want)) {
		columns, ok := page[table]
		if !ok {
			t.Errorf("docs/data.md does not name the table %s", table)
			continue
		}
		if table == "goose_db_version" {
			continue // goose's own
		}
		for _, column := range want[table] {
			if !columns[column] {
				t.Errorf("docs/data.md does not name %s.%s", table, column)
			}
		}
		for _, column := range slices.Sorted(maps.Keys(columns)) {
			if !slices.Contains(want[table], column) {
				t.Errorf("docs/data.md names %s.%s, which does not exist", table, column)
			}
		}
	}
	for _, table := range slices.Sorted(maps.Keys(page)) {
		if want[table] == nil {
			t.Errorf("docs/data.md names the table %s, which does not exist", table)
		}
	}
}
