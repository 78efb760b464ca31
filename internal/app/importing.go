package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"time"

	"tandai/internal/config"
	"tandai/internal/importer"
	"tandai/internal/store"
	"tandai/internal/store/sqlstore"
)

// ForeignTable is a table that is not ours: where it is, whose it is, and the
// database its rows belong into.
type ForeignTable struct {
	Store     ImportStore   // nil where Fresh and there is no file
	From      store.Foreign // where the table is
	Elsewhere bool          // that is another database than the store's
	Source    string        // for people, without password; "" = the store's
	Name      string        // as it was asked for
	Table     store.Table   // of another name where a view has taken its place
	Session   string
	Zone      *time.Location
	Fresh     bool // the store has no schema yet, or is not there at all

	close []func() error
}

// ImportStore is the database as imports need it.
type ImportStore interface {
	store.Store
	store.Importing
}

// ErrWhichSession: a table's name does not say whose it is.
var ErrWhichSession = errors.New("whose table is that? Its name is not labeling_<session>: name the session with --session")

// TableRequest asks for a table.
type TableRequest struct {
	Name, Session, From string
	Write               bool // the schema may be made where there is none
}

// OpenForeign opens the database, finds the table and whose it is. A table that a
// view has taken the place of is found under its new name.
func OpenForeign(ctx context.Context, cfg *config.Config, want TableRequest) (_ *ForeignTable, err error) {
	t := &ForeignTable{Name: want.Name}
	defer func() {
		if err != nil {
			err = errors.Join(err, t.Close())
		}
	}()
	if err := t.openStore(ctx, cfg, want); err != nil {
		return nil, err
	}
	t.From = t.Store
	if want.From != "" {
		other, err := config.ParseDatabase(want.From)
		if err != nil {
			return nil, fmt.Errorf("--from: %w", err)
		}
		if other.Kind == config.SQLite {
			if _, err := os.Stat(other.Path); err != nil {
				return nil, fmt.Errorf("--from: %w", err)
			}
		}
		elsewhere := *cfg
		elsewhere.Database = other
		db, err := OpenStore(&elsewhere)
		if err != nil {
			return nil, err
		}
		t.close = append(t.close, db.Close)
		t.From, t.Source, t.Elsewhere = db.(store.Foreign), other.String(), true
	}
	if t.Session, err = t.whose(ctx, cfg, want); err != nil {
		return nil, err
	}
	t.Zone = cfg.Location(t.Session)
	return t, t.find(ctx)
}

// openStore makes a SQLite file only to write what is read from elsewhere into it: a
// table of its own cannot be in a file that is missing.
func (t *ForeignTable) openStore(ctx context.Context, cfg *config.Config, want TableRequest) error {
	open := openThere
	if want.From != "" && cfg.Database.Kind == config.SQLite {
		_, err := os.Stat(cfg.Database.Path)
		switch missing := errors.Is(err, fs.ErrNotExist); {
		case missing && !want.Write:
			t.Fresh = true
			return nil
		case missing:
			open = OpenStore
		}
	}
	db, err := open(cfg)
	if err != nil {
		return err
	}
	t.close = append(t.close, db.Close)
	t.Store = db.(ImportStore)
	have, _, err := db.SchemaVersion(ctx)
	switch {
	case err != nil:
		return err
	case have > 0:
		return checkSchema(ctx, db)
	case !want.Write:
		t.Fresh = true
		return nil
	}
	_, err = Prepare(ctx, db, cfg)
	return err
}

// viewNameOf is what a session's view is to be called.
func viewNameOf(cfg *config.Config, session string) string {
	for _, c := range cfg.Clients {
		for _, s := range c.Sessions {
			if s.Name == session {
				return sqlstore.ViewName(s.Name, s.Table)
			}
		}
	}
	return sqlstore.ViewName(session, "")
}

var sessionForm = regexp.MustCompile(`^[A-Za-z0-9_.@-]{1,120}$`)

// whose tells the session of a table: as asked, as configured, as its view is
// named, or as labeling_<session> says.
func (t *ForeignTable) whose(ctx context.Context, cfg *config.Config, want TableRequest) (string, error) {
	if want.Session != "" {
		if !sessionForm.MatchString(want.Session) {
			return "", fmt.Errorf("--session %q is no name of a session", want.Session)
		}
		return want.Session, nil
	}
	for _, c := range cfg.Clients {
		for _, s := range c.Sessions {
			if strings.EqualFold(sqlstore.ViewName(s.Name, s.Table), want.Name) {
				return s.Name, nil
			}
		}
	}
	if !t.Fresh {
		all, err := t.Store.SessionList(ctx)
		if err != nil {
			return "", err
		}
		for _, s := range all {
			if strings.EqualFold(s.View, want.Name) || strings.EqualFold(sqlstore.ViewName(s.Session, ""), want.Name) {
				return s.Session, nil
			}
		}
	}
	const prefix = "labeling_"
	if len(want.Name) > len(prefix) && strings.EqualFold(want.Name[:len(prefix)], prefix) {
		if session := want.Name[len(prefix):]; sessionForm.MatchString(session) {
			return strings.TrimSuffix(session, store.BeforeSuffix), nil
		}
	}
	return "", ErrWhichSession
}

// find looks the table up.
func (t *ForeignTable) find(ctx context.Context) error {
	table, found, err := t.From.ForeignTable(ctx, t.Name)
	if err != nil {
		return err
	}
	where := "in the database"
	if t.Elsewhere {
		where = "at " + t.Source
	}
	if !found {
		return fmt.Errorf("no table or view named %q %s: check the name, or say with --from where it is", t.Name, where)
	}
	if table.View && !t.Elsewhere && !t.Fresh {
		owner, err := t.Store.ViewOwner(ctx, t.Name)
		if err != nil {
			return err
		}
		if owner != "" {
			old, there, err := t.From.ForeignTable(ctx, importer.BeforeName(t.Name))
			if err != nil {
				return err
			}
			if !there {
				return fmt.Errorf("%s is Tandai's own view of session %s: there is nothing to import from it", t.Name, owner)
			}
			table = old
		}
	}
	t.Table = table
	_, hasID := table.Column("event_id")
	if _, hasSource := table.Column("source"); hasID && hasSource {
		return fmt.Errorf("%s is a log that Tandai keeps, not a table of n8n", table.Name)
	}
	if lacking := importer.Lacking(table); len(lacking) > 0 {
		return fmt.Errorf("%s has no column %s: a row without it means nothing; the table needs timestamp_unix, nomor_lead, label_id and status",
			table.Name, strings.Join(lacking, ", nor "))
	}
	return nil
}

// Close closes what was opened.
func (t *ForeignTable) Close() error {
	var errs []error
	for _, c := range t.close {
		errs = append(errs, c())
	}
	return errors.Join(errs...)
}

// Import copies the table's rows, or says with dryRun what that would do.
func (t *ForeignTable) Import(ctx context.Context, dryRun bool, show int, progress func(importer.Result)) (importer.Result, error) {
	return t.importFrom(ctx, t.Table, dryRun, show, progress)
}

func (t *ForeignTable) importFrom(ctx context.Context, table store.Table, dryRun bool, show int, progress func(importer.Result)) (importer.Result, error) {
	cfg := importer.Config{
		Store: t.Store, From: t.From, Source: t.Source, Table: table, Name: t.Name, Session: t.Session, Zone: t.Zone,
		DryRun: dryRun, Show: show, Progress: progress,
	}
	if t.Fresh {
		cfg.Store = nothingKnown{t.Store}
	}
	result, err := importer.Run(ctx, cfg)
	if err != nil || dryRun {
		return result, err
	}
	_, err = t.Store.EnsureViews(ctx) // what it left alone, doctor says
	return result, err
}

// Adopt puts the session's view in the table's place.
func (t *ForeignTable) Adopt(ctx context.Context, acceptMissing bool, show int) (importer.AdoptResult, error) {
	return importer.Adopt(ctx, importer.AdoptConfig{
		Store: t.Store, Table: t.Table, Session: t.Session, Zone: t.Zone, AcceptMissing: acceptMissing, Show: show,
		CatchUp: func(ctx context.Context, table store.Table) error {
			_, err := t.importFrom(ctx, table, false, show, nil)
			return err
		},
	})
}

// nothingKnown plans for a database that has no schema yet.
type nothingKnown struct{ store.Importing }

func (nothingKnown) PlanImport(_ context.Context, c store.ImportChunk) (store.Imported, error) {
	return store.Imported{Events: int64(len(c.Rows)), Problems: int64(len(c.Problems))}, nil
}
