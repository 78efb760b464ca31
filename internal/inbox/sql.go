package inbox

import (
	"context"
	"database/sql"
	"errors"
)

// The statements of the writing connection.
const (
	insertBody = `INSERT INTO bodies (near, key, received_at, at, server, session, event, headers, body)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	selectKnown   = `SELECT 1 FROM bodies WHERE near = ? AND key = ?`
	insertSettled = `INSERT INTO settled (seq, state, at, reason, stored)
		SELECT ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM bodies WHERE seq = ?) ON CONFLICT DO NOTHING`
	selectSettled = `SELECT state, reason, stored FROM settled WHERE seq = ?`
	updateSettled = `UPDATE settled SET state = ?, at = ?, reason = ?, stored = ? WHERE seq = ?`
	addMinute     = `INSERT INTO minutes (minute, first_seq, last_seq, n) VALUES (?, ?, ?, ?)
		ON CONFLICT (minute) DO UPDATE SET last_seq = excluded.last_seq, n = n + excluded.n`
	addCount = `INSERT INTO counts (state, reason, n) VALUES (?, ?, ?)
		ON CONFLICT (state, reason) DO UPDATE SET n = n + excluded.n`
	setMark = `INSERT INTO marks (name, value) VALUES (?, ?)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`
)

// The names in marks.
const (
	markLowWater = "low_water"     // every body up to this seq has a row in settled; may lag
	markRecorded = "last_recorded" // our clock when a body was last recorded, Unix ms
	markUnsure   = "unsure_since"  // what was recorded since is yet to be held against the database, Unix ms
)

type statements struct {
	begin, commit, rollback         *sql.Stmt
	savepoint, rollbackTo, release  *sql.Stmt
	insert, known                   *sql.Stmt
	settle, settledAs, settleAnew   *sql.Stmt
	minute, count, mark             *sql.Stmt
	pageCount, freePages, pageBytes *sql.Stmt
}

type preparation struct {
	to  **sql.Stmt
	sql string
}

func (s *statements) all() []preparation {
	return []preparation{
		{&s.begin, "BEGIN IMMEDIATE"}, {&s.commit, "COMMIT"}, {&s.rollback, "ROLLBACK"},
		{&s.savepoint, "SAVEPOINT op"}, {&s.rollbackTo, "ROLLBACK TO op"}, {&s.release, "RELEASE op"},
		{&s.insert, insertBody}, {&s.known, selectKnown},
		{&s.settle, insertSettled}, {&s.settledAs, selectSettled}, {&s.settleAnew, updateSettled},
		{&s.minute, addMinute}, {&s.count, addCount}, {&s.mark, setMark},
		{&s.pageCount, "PRAGMA page_count"}, {&s.freePages, "PRAGMA freelist_count"}, {&s.pageBytes, "PRAGMA page_size"},
	}
}

func (s *statements) prepare(ctx context.Context, conn *sql.Conn) error {
	for _, x := range s.all() {
		var err error
		if *x.to, err = conn.PrepareContext(ctx, x.sql); err != nil {
			return err
		}
	}
	return nil
}

// close must come before the connection's: database/sql does not close the
// statements of a sql.Conn with it, and SQLite keeps the file open, and its
// log, until the last statement is gone.
func (s *statements) close() {
	for _, x := range s.all() {
		if *x.to != nil {
			(*x.to).Close()
			*x.to = nil
		}
	}
}

// querier is what reads: the reading pool, or the writer inside its transaction.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// number reads one integer, or gives otherwise when there is no row or it is NULL.
func number(ctx context.Context, q querier, otherwise int64, query string, args ...any) (int64, error) {
	var n sql.NullInt64
	err := q.QueryRowContext(ctx, query, args...).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) || err == nil && !n.Valid {
		return otherwise, nil
	}
	return n.Int64, err
}

const selectMark = `SELECT value FROM marks WHERE name = ?`

// firstFresh is the seq of the first body after low that waits for the first
// time, or of the next one to come when none does.
func firstFresh(ctx context.Context, q querier, low int64) (int64, error) {
	next, err := number(ctx, q, 0, `SELECT max(seq) FROM bodies`)
	if err != nil {
		return 0, err
	}
	return number(ctx, q, next+1, `SELECT b.seq FROM bodies b
		WHERE b.seq > ? AND NOT EXISTS (SELECT 1 FROM settled s WHERE s.seq = b.seq)
		ORDER BY b.seq LIMIT 1`, low)
}

// numbers reads one column of integers.
func numbers(ctx context.Context, q querier, query string, args ...any) ([]int64, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []int64
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		list = append(list, n)
	}
	return list, rows.Err()
}
