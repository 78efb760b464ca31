package bench

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"time"
)

// adoptGroup: a table as an n8n workflow has written it is copied into the log and
// exchanged with a view, by the real program; then the same with a smaller table and
// a SIGKILL in the middle. The original's query must give the same rows before and
// after.
func adoptGroup(ctx context.Context, opt Options, dir string) ([]Result, error) {
	return engines(opt, dir, func(db *database) ([]Result, error) { return adoptOn(ctx, db, opt, dir) })
}

// originalsQuery is what analysts have asked the table for since it was there.
const originalsQuery = `WITH latest AS (
  SELECT t.* FROM (
    SELECT l.*, ROW_NUMBER() OVER (PARTITION BY nomor_lead, label_id ORDER BY timestamp_unix DESC) AS rn
    FROM %s l
  ) t
  WHERE t.rn = 1 AND t.status = 'add_label'
)
SELECT timestamp_unix, klien, nomor_cs, nomor_lead, label_id, label_name, status FROM latest ORDER BY nomor_lead, label_id, timestamp_unix`

func adoptOn(ctx context.Context, db *database, opt Options, dir string) ([]Result, error) {
	if _, err := db.store.Migrate(ctx); err != nil { // as serve did when it was started
		return nil, err
	}
	a := adopting{ctx: ctx, db: db, opt: opt, dir: dir}
	took, memory, err := a.whole("labeling_hansarang_cs1", opt.Events)
	if err != nil {
		return nil, err
	}
	killed, err := a.killed("labeling_hansarang_cs2", opt.Events/5)
	if err != nil {
		return nil, err
	}
	return []Result{
		{What: fmt.Sprintf("%s: adoption of %d rows, seconds", db.name, opt.Events), Ratio: took.Seconds(), Bar: 60, AtMost: true,
			Value: fmt.Sprintf("%.1f s, %.0f rows/s; the original's query gives the same rows", took.Seconds(), float64(opt.Events)/took.Seconds())},
		{What: db.name + ": memory of the adoption, MiB at most", Ratio: memory, Bar: 500, AtMost: true, Value: fmt.Sprintf("%.0f MiB", memory)},
		{What: fmt.Sprintf("%s: adoption of %d rows, killed half-way and gone on with", db.name, opt.Events/5), Value: killed},
	}, nil
}

type adopting struct {
	ctx context.Context
	db  *database
	opt Options
	dir string
}

func (a adopting) command(table string, args ...string) *exec.Cmd {
	args = append([]string{"import", "n8n-table", table, "--database", a.db.url, "--data-dir", a.dir, "--yes"}, args...)
	return exec.CommandContext(a.ctx, a.opt.Binary, args...)
}

// whole adopts a table and says how long it took, and the program's greatest size.
func (a adopting) whole(table string, rows int) (time.Duration, float64, error) {
	before, err := a.prepare(table, rows)
	if err != nil {
		return 0, 0, err
	}
	started := time.Now()
	cmd := a.command(table, "--adopt")
	if out, err := cmd.CombinedOutput(); err != nil {
		return 0, 0, fmt.Errorf("adopt %s: %w\n%s", table, err, out)
	}
	took := time.Since(started)
	return took, maxRSS(cmd.ProcessState), a.same(table, before)
}

// killed imports, is killed when half of the rows are there, and adopts.
func (a adopting) killed(table string, rows int) (string, error) {
	before, err := a.prepare(table, rows)
	if err != nil {
		return "", err
	}
	session := strings.TrimPrefix(table, "labeling_")
	first := a.command(table)
	first.Stderr = os.Stderr
	started := time.Now()
	if err := first.Start(); err != nil {
		return "", err
	}
	imported := 0
	for imported < rows/3 {
		time.Sleep(20 * time.Millisecond)
		row := a.db.raw.QueryRowContext(a.ctx, "SELECT COUNT(*) FROM label_events WHERE session = '"+session+"'")
		if err := row.Scan(&imported); err != nil {
			return "", err
		}
		if time.Since(started) > 5*time.Minute {
			return "", fmt.Errorf("import %s: no third of it within five minutes", table)
		}
	}
	if err := first.Process.Kill(); err != nil {
		return "", err
	}
	_ = first.Wait() // it was killed
	until := time.Since(started)
	started = time.Now()
	if out, err := a.command(table, "--adopt").CombinedOutput(); err != nil {
		return "", fmt.Errorf("adopt %s: %w\n%s", table, err, out)
	}
	return fmt.Sprintf("killed after %.1f s with %d rows there, then %.1f s", until.Seconds(), imported, time.Since(started).Seconds()), a.same(table, before)
}

// prepare fills a table and returns what the original's query says of it.
func (a adopting) prepare(table string, rows int) (string, error) {
	if err := fillOldTable(a.ctx, a.db, table, rows); err != nil {
		return "", err
	}
	return answerOf(a.ctx, a.db.raw, fmt.Sprintf(originalsQuery, table))
}

func (a adopting) same(table, before string) error {
	after, err := answerOf(a.ctx, a.db.raw, fmt.Sprintf(originalsQuery, table))
	if err == nil && after != before {
		err = fmt.Errorf("the original's query gives other rows after the adoption of %s than before", table)
	}
	return err
}

// answerOf is the hash of a query's rows.
func answerOf(ctx context.Context, db *sql.DB, query string) (string, error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	hash := sha256.New()
	var cells [7]sql.RawBytes
	to := make([]any, len(cells))
	for i := range cells {
		to[i] = &cells[i]
	}
	for rows.Next() {
		if err := rows.Scan(to...); err != nil {
			return "", err
		}
		for _, c := range cells {
			fmt.Fprintf(hash, "%d:%s", len(c), c)
		}
	}
	return hex.EncodeToString(hash.Sum(nil)), rows.Err()
}

// fillOldTable makes a table as the original system has it: one row a millisecond,
// labels put on and taken off again over a year, in the collation of a database that
// nobody gave one.
func fillOldTable(ctx context.Context, db *database, table string, rows int) error {
	create := "CREATE TABLE " + table + ` (timestamp_unix BIGINT NOT NULL PRIMARY KEY, klien VARCHAR(100), nomor_cs VARCHAR(50), nomor_lead VARCHAR(50),
  label_id VARCHAR(50), label_name VARCHAR(100), status VARCHAR(20))`
	if db.name == "MariaDB" {
		create += " DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"
	}
	if _, err := db.raw.ExecContext(ctx, create); err != nil {
		return err
	}
	rng := rand.New(rand.NewPCG(7, 11))
	names := []string{"Grade A", "Grade B", "Grade C", "Grade D", "Grade E", "Closing", "Follow Up 🔥", "Batal"}
	begun := time.Now().Add(-400 * 24 * time.Hour).UnixMilli()
	step := int64(365*24*time.Hour/time.Millisecond) / int64(rows)
	carries := map[[2]int]bool{}
	tx, err := db.raw.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var text strings.Builder
	for i := range rows {
		lead, label := rng.IntN(rows/8+1), rng.IntN(len(names))
		status := "add_label"
		if carries[[2]int{lead, label}] {
			status = "delete_label"
		}
		carries[[2]int{lead, label}] = status == "add_label"
		if text.Len() == 0 {
			text.WriteString("INSERT INTO " + table + " VALUES ")
		} else {
			text.WriteByte(',')
		}
		fmt.Fprintf(&text, "(%d,'hansarang','6281200000001','62857%08d','%d','%s','%s')", begun+int64(i)*step+rng.Int64N(max(step, 1)), lead, label+1, names[label], status)
		if text.Len() > 200_000 || i == rows-1 {
			if _, err := tx.ExecContext(ctx, text.String()); err != nil {
				return err
			}
			text.Reset()
		}
	}
	return tx.Commit()
}
