package sqlstore

import (
	"context"
	"database/sql"
)

// insert writes rows with one of the statements that carry a rows mark, as many
// at a time as the engine likes.
func (db *DB) insert(ctx context.Context, tx *sql.Tx, name string, all [][]any) error {
	return db.insertChunks(ctx, tx, name, all, nil)
}

// insertChunks is insert; where a chunk meets a key that is taken, taken is
// asked for the rows of it to write instead.
func (db *DB) insertChunks(ctx context.Context, tx *sql.Tx, name string, all [][]any, taken func([][]any) ([][]any, error)) error {
	size := db.d.RowsPerInsert
	var full *sql.Stmt
	for len(all) > 0 {
		chunk := all[:min(size, len(all))]
		all = all[len(chunk):]
		args := flat(chunk)
		var err error
		if len(chunk) == size && len(all) >= size && full == nil {
			if full, err = tx.PrepareContext(ctx, rows(db.q[name], size)); err != nil {
				return err
			}
			defer full.Close()
		}
		if len(chunk) == size && full != nil {
			_, err = full.ExecContext(ctx, args...)
		} else {
			_, err = tx.ExecContext(ctx, rows(db.q[name], len(chunk)), args...)
		}
		if err != nil && taken != nil && db.d.Duplicate(err) {
			rest, takenErr := taken(chunk)
			if takenErr != nil {
				return takenErr
			}
			if err = nil; len(rest) > 0 {
				_, err = tx.ExecContext(ctx, rows(db.q[name], len(rest)), flat(rest)...)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func flat(chunk [][]any) []any {
	args := make([]any, 0, len(chunk)*len(chunk[0]))
	for _, row := range chunk {
		args = append(args, row...)
	}
	return args
}

// listSize is how many parameters a list in one statement may have.
const listSize = 800

// execList runs a statement whose last parameter is a list, in pieces.
func (db *DB) execList(ctx context.Context, tx *sql.Tx, name string, before []any, values []string) error {
	for len(values) > 0 {
		part := values[:min(listSize, len(values))]
		values = values[len(part):]
		args := append([]any{}, before...)
		for _, v := range part {
			args = append(args, v)
		}
		if _, err := tx.ExecContext(ctx, list(db.q[name], len(part)), args...); err != nil {
			return err
		}
	}
	return nil
}

// eachKey runs a statement with a keys mark for all of k, in pieces.
func (db *DB) eachKey(ctx context.Context, tx querier, name string, k Keys, scan func(*sql.Rows) error) error {
	return db.eachKeyAnd(ctx, tx, name, k, nil, scan)
}

// eachKeyAnd is eachKey for a statement with more parameters behind the mark.
func (db *DB) eachKeyAnd(ctx context.Context, tx querier, name string, k Keys, more []any, scan func(*sql.Rows) error) error {
	run := func(part Keys) error {
		query, args := keys(db.q[name], part)
		return each(ctx, tx, query, append(args, more...), scan)
	}
	part, n := Keys{}, 0
	for _, session := range sorted(k) {
		for values := k[session]; len(values) > 0; {
			take := values[:min(listSize-n, len(values))]
			values = values[len(take):]
			part[session] = take
			if n += len(take); n >= listSize {
				if err := run(part); err != nil {
					return err
				}
				part, n = Keys{}, 0
			}
		}
	}
	if n == 0 {
		return nil
	}
	return run(part)
}
