package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"tandai/internal/store"
)

// adoption is an entry of adoptions, with what the view must look like.
type adoption struct {
	store.Adoption
	columns []store.TableColumn
}

func (db *DB) adoptions(ctx context.Context, q querier) (map[string]adoption, error) {
	all := map[string]adoption{}
	err := each(ctx, q, db.q["adoptions.all"], nil, func(r *sql.Rows) error {
		var a adoption
		var columns string
		if err := r.Scan(&a.Session, &a.View, &a.Before, &columns, &a.State, &a.ChangedAt); err != nil {
			return err
		}
		all[a.Session] = a
		if err := json.Unmarshal([]byte(columns), &a.columns); err != nil {
			return fmt.Errorf("collations of %s: %w", a.View, err)
		}
		all[a.Session] = a
		return nil
	})
	return all, err
}

// adopted are the adoptions whose swap was done, also where a crash kept that from
// being noted.
func (db *DB) adopted(ctx context.Context, conn *sql.Conn) (map[string]adoption, error) {
	all, err := db.adoptions(ctx, conn)
	if err != nil {
		return nil, err
	}
	for session, a := range all {
		done, err := db.isSwapped(ctx, conn, a.Adoption)
		if err != nil {
			return nil, err
		}
		if !done {
			delete(all, session)
		}
	}
	return all, nil
}

func (db *DB) isSwapped(ctx context.Context, conn *sql.Conn, a store.Adoption) (bool, error) {
	if a.State != store.AdoptionPrepared {
		return a.State == store.AdoptionAdopted, nil
	}
	front, err := db.d.Object(ctx, conn, a.View)
	if err != nil || front != "view" {
		return false, err
	}
	back, err := db.d.Object(ctx, conn, a.Before)
	return back != "", err
}

// Adoption returns a session's adoption as it is. See store.Adopting.
func (db *DB) Adoption(ctx context.Context, session string) (store.Adoption, bool, error) {
	conn, err := db.read.Conn(ctx)
	if err != nil {
		return store.Adoption{}, false, db.fault("read adoptions", err)
	}
	defer conn.Close()
	all, err := db.adoptions(ctx, conn)
	if err != nil {
		return store.Adoption{}, false, db.fault("read adoptions", err)
	}
	a, ok := all[session]
	if !ok {
		return a.Adoption, false, nil
	}
	done, err := db.isSwapped(ctx, conn, a.Adoption)
	if done {
		a.State = store.AdoptionAdopted
	}
	return a.Adoption, true, db.fault("read adoptions", err)
}

// PrepareAdoption makes the view under its temporary name. See store.Adopting.
func (db *DB) PrepareAdoption(ctx context.Context, a store.Adoption, t store.Table) error {
	return db.ddl(ctx, "prepare the view of "+a.View, func(conn *sql.Conn) error {
		temporary := temporaryName(a.View)
		kind, err := db.d.Object(ctx, conn, temporary)
		if err != nil {
			return err
		}
		if kind == "table" {
			return &store.Error{Class: store.ErrRefused, Op: "adopt", Err: fmt.Errorf("a table named %s is in the way: rename it", temporary)}
		}
		if _, err := conn.ExecContext(ctx, db.d.DropView(temporary)); err != nil {
			return err
		}
		if err := db.noteAdoption(ctx, conn, a, store.AdoptionPrepared, t.Columns); err != nil {
			return err
		}
		_, err = conn.ExecContext(ctx, db.d.ViewLike(temporary, a.Session, t.Columns))
		return err
	})
}

func temporaryName(view string) string {
	name := view + store.TemporarySuffix
	if len(name) > maxIdentifier {
		return cut(name, view)
	}
	return name
}

// TemporaryView is the name of the view that PrepareAdoption makes.
func (db *DB) TemporaryView(a store.Adoption) string { return temporaryName(a.View) }

func (db *DB) noteAdoption(ctx context.Context, q querier, a store.Adoption, state string, columns []store.TableColumn) error {
	var seven []store.TableColumn
	for _, c := range columns {
		for _, name := range store.SevenColumns {
			if strings.EqualFold(c.Name, name) {
				seven = append(seven, store.TableColumn{Name: name, Charset: c.Charset, Collation: c.Collation})
			}
		}
	}
	text, err := json.Marshal(seven)
	if err != nil {
		return err
	}
	_, err = q.ExecContext(ctx, rows(db.q["adoptions.insert"], 1), a.Session, a.View, a.Before, string(text), state, db.now().UnixMilli())
	return err
}

// DropPrepared takes the temporary view away. See store.Adopting.
func (db *DB) DropPrepared(ctx context.Context, a store.Adoption) error {
	return db.ddl(ctx, "drop the view that was prepared", func(conn *sql.Conn) error {
		_, err := conn.ExecContext(ctx, db.d.DropView(temporaryName(a.View)))
		return err
	})
}

// Adopt swaps the names. See store.Adopting.
func (db *DB) Adopt(ctx context.Context, a store.Adoption) error {
	return db.ddl(ctx, "exchange table and view", func(conn *sql.Conn) error {
		all, err := db.adoptions(ctx, conn)
		if err != nil {
			return err
		}
		columns := all[a.Session].columns
		former := ""
		if err := each(ctx, conn, db.q["session_registry.view_of"], []any{a.Session}, func(r *sql.Rows) error { return r.Scan(&former) }); err != nil {
			return err
		}
		swap := Swap{Front: a.View, Back: a.Before, View: temporaryName(a.View), Create: db.d.ViewLike(a.View, a.Session, columns)}
		if err := db.d.Swap(ctx, conn, swap); err != nil {
			return err
		}
		if err := db.noteAdoption(ctx, conn, a, store.AdoptionAdopted, columns); err != nil {
			return err
		}
		if _, err := conn.ExecContext(ctx, db.q["session_registry.view"], a.View, "", a.Session); err != nil {
			return err
		}
		if former == "" || strings.EqualFold(former, a.View) {
			return nil
		}
		if kind, err := db.d.Object(ctx, conn, former); err != nil || kind != "view" {
			return err
		}
		_, err = conn.ExecContext(ctx, db.d.DropView(former)) // a session has one view
		return err
	})
}

// Undo puts the table back. See store.Adopting.
func (db *DB) Undo(ctx context.Context, a store.Adoption) error {
	return db.ddl(ctx, "exchange view and table", func(conn *sql.Conn) error {
		temporary := temporaryName(a.View)
		if _, err := conn.ExecContext(ctx, db.d.DropView(temporary)); err != nil {
			return err
		}
		if err := db.d.Swap(ctx, conn, Swap{Front: a.View, Back: a.Before, View: temporary, Undo: true}); err != nil {
			return err
		}
		if err := db.noteAdoption(ctx, conn, a, store.AdoptionUndone, nil); err != nil {
			return err
		}
		if _, err := conn.ExecContext(ctx, db.q["session_registry.view"], "", "", a.Session); err != nil {
			return err
		}
		_, err := conn.ExecContext(ctx, db.d.DropView(temporary))
		return err
	})
}

// ViewOwner tells whose view stands under a name. See store.Adopting.
func (db *DB) ViewOwner(ctx context.Context, name string) (string, error) {
	owner := ""
	err := each(ctx, db.read, db.q["session_registry.views"], nil, func(r *sql.Rows) error {
		var v sessionView
		err := r.Scan(&v.session, &v.wanted, &v.name, &v.note)
		if strings.EqualFold(v.name, name) {
			owner = v.session
		}
		return err
	})
	if err != nil || owner != "" {
		return owner, db.fault("read views", err)
	}
	conn, err := db.read.Conn(ctx)
	if err != nil {
		return "", db.fault("read views", err)
	}
	defer conn.Close()
	adopted, err := db.adopted(ctx, conn)
	for session, a := range adopted {
		if strings.EqualFold(a.View, name) {
			owner = session
		}
	}
	return owner, db.fault("read views", err)
}

// ddl runs statements that commit by themselves on a connection of their own.
func (db *DB) ddl(ctx context.Context, op string, do func(*sql.Conn) error) error {
	conn, err := db.write.Conn(ctx)
	if err != nil {
		return db.fault(op, err)
	}
	defer conn.Close()
	return db.fault(op, do(conn))
}
