package chaos

import (
	"database/sql"
	"fmt"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tandai/internal/mariadbtest"
)

// TestKilledWhileImporting kills an import of an old table again and again, and
// adopts the table in the end: the log has every row once, and the original's query
// gives what it gave.
func TestKilledWhileImporting(t *testing.T) {
	for name, open := range map[string]func(t *testing.T) (*node, *sql.DB){
		"SQLite": func(t *testing.T) (*node, *sql.DB) {
			n := newNode(t, setup{})
			if err := os.MkdirAll(n.dir, 0o700); err != nil {
				t.Fatal(err)
			}
			db, err := sql.Open("sqlite", "file:"+n.storeFile()+"?_pragma=busy_timeout(20000)&_pragma=journal_mode(WAL)")
			if err != nil {
				t.Fatal(err)
			}
			return n, db
		},
		"MariaDB": func(t *testing.T) (*node, *sql.DB) {
			dsn := mariadbtest.DSN(t)
			u, err := url.Parse(dsn)
			if err != nil {
				t.Fatal(err)
			}
			db, err := sql.Open("mysql", u.User.String()+"@tcp("+u.Host+")"+u.Path)
			if err != nil {
				t.Fatal(err)
			}
			return newNode(t, setup{database: dsn}), db
		},
	} {
		t.Run(name, func(t *testing.T) {
			rng, _ := seeded(t)
			n, db := open(t)
			t.Cleanup(func() { db.Close() })
			const rows = 100_000
			fillOld(t, db, rows)
			query := "SELECT timestamp_unix, klien, nomor_cs, nomor_lead, label_id, label_name, status FROM labeling_toko ORDER BY timestamp_unix, nomor_lead, label_id, status"
			before := textRows(t, db, query)
			if r := n.run(t, "migrate"); r.code != 0 {
				t.Fatalf("migrate: %+v", r)
			}
			kills := 0
			for range 3 {
				cmd := n.command("import", "n8n-table", "labeling_toko", "--yes")
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				ended := make(chan error, 1)
				go func() { ended <- cmd.Wait() }()
				select {
				case err := <-ended:
					if err != nil {
						t.Fatalf("import: %v", err)
					}
				case <-time.After(300*time.Millisecond + upTo(rng, 1500*time.Millisecond)):
					if err := cmd.Process.Kill(); err != nil {
						t.Fatal(err)
					}
					<-ended
					kills++
				}
				n.verify(t) // what is there is right at any moment
			}
			if kills == 0 {
				t.Log("it was never killed in time")
			}
			r := n.run(t, "import", "n8n-table", "labeling_toko", "--adopt", "--yes")
			if r.code != 0 || !strings.Contains(r.out, fmt.Sprintf("compared row by row: %d alike, 0 different, 0 only in labeling_toko, 0 only in Tandai", rows)) {
				t.Fatalf("adopt: exit %d\n%s%s", r.code, r.out, r.errors)
			}
			if diff := cmp.Diff(before, textRows(t, db, query)); diff != "" {
				t.Errorf("after %d kills (-table +view)\n%.2000s", kills, diff)
			}
			n.verify(t)
		})
	}
}

// fillOld makes labeling_toko, with bursts that share a millisecond and rows that
// are equal in all columns.
func fillOld(t *testing.T, db *sql.DB, rows int) {
	t.Helper()
	statements := []string{"CREATE TABLE labeling_toko (timestamp_unix BIGINT, klien VARCHAR(50), nomor_cs VARCHAR(50), nomor_lead VARCHAR(50), label_id VARCHAR(20), label_name VARCHAR(50), status VARCHAR(20))"}
	for first := 0; first < rows; first += 1000 {
		var b strings.Builder
		for i := first; i < first+1000; i++ {
			j := i
			if i%50 == 49 {
				j-- // the row before, once more
			}
			fmt.Fprintf(&b, ",(%d,'toko','6281200000001','62856780%05d','%d','Grade %d','%s')", 1753798945612+int64(j/3)*700, j*7919%9973, j%5, j%5,
				[]string{"add_label", "delete_label"}[j%4/3])
		}
		statements = append(statements, "INSERT INTO labeling_toko VALUES "+b.String()[1:])
	}
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	for _, s := range statements {
		if _, err := tx.Exec(s); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}

func textRows(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	var cells [7]sql.NullString
	for rows.Next() {
		if err := rows.Scan(&cells[0], &cells[1], &cells[2], &cells[3], &cells[4], &cells[5], &cells[6]); err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprint(cells))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}
