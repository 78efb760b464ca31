// Package app puts Tandai together: it opens what the configuration names, wires
// the packages to each other, and keeps them alive. It is the only package, with
// the commands, that knows all others.
package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"tandai/internal/config"
	"tandai/internal/inbox"
	"tandai/internal/store"
	"tandai/internal/store/mysql"
	"tandai/internal/store/sqlite"
)

// OpenStore opens the configured database without touching it: whether it is
// there shows at the first use.
func OpenStore(cfg *config.Config) (store.Store, error) {
	db := cfg.Database
	if db.Kind == config.SQLite {
		if err := checkFolder(filepath.Dir(db.Path)); err != nil {
			return nil, err
		}
		return sqlite.Open(sqlite.Config{Path: db.Path})
	}
	return mysql.Open(mysql.Config{
		Addr: db.Address(), User: db.User, Password: db.Password.Reveal(), Database: db.Name, TLS: db.Params["tls"],
	})
}

// checkFolder makes a folder where it is missing. It fails only for what waiting
// does not mend: a full disk may have room later, a file in a folder's place has to
// be moved by somebody.
func checkFolder(dir string) error {
	err := os.MkdirAll(dir, 0o700)
	if errors.Is(err, syscall.ENOTDIR) || errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("make the data folder: %w\nGive that folder to the user that runs Tandai, or name another with --data-dir", err)
	}
	return nil
}

// OpenExisting opens the database for a command that needs what is in it, and
// checks that it can be used as it is. A SQLite file that is missing is an error:
// making an empty one would answer for the wrong folder.
func OpenExisting(ctx context.Context, cfg *config.Config) (store.Store, error) {
	db, err := openThere(cfg)
	if err != nil {
		return nil, err
	}
	if err := checkSchema(ctx, db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// openThere is OpenStore, but makes no SQLite file.
func openThere(cfg *config.Config) (store.Store, error) {
	if path := cfg.Database.Path; cfg.Database.Kind == config.SQLite {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("no database at %s: is this the folder `tandai serve` runs with? Name it with --data-dir, or the file with --database sqlite:PATH", path)
		}
	}
	return OpenStore(cfg)
}

// CheckSessions tells whether the database knows the sessions by these names.
func CheckSessions(ctx context.Context, db store.Store, names []string) error {
	if len(names) == 0 {
		return nil
	}
	list, err := db.SessionList(ctx)
	if err != nil {
		return err
	}
	known := make([]string, len(list))
	for i, s := range list {
		known[i] = s.Session
	}
	for _, name := range names {
		if slices.Contains(known, name) {
			continue
		}
		if len(known) == 0 {
			return fmt.Errorf("no session %q in the database, nor any other", name)
		}
		const most = 20
		more := ""
		if n := len(known) - most; n > 0 {
			known, more = known[:most], fmt.Sprintf(" and %d more", n)
		}
		return fmt.Errorf("no session %q in the database; there are %s%s", name, strings.Join(known, ", "), more)
	}
	return nil
}

// InboxPath is where the inbox lies.
func InboxPath(cfg *config.Config) string { return filepath.Join(cfg.DataDir, "inbox.db") }

// OpenInbox opens the inbox, and makes it where it is missing.
func OpenInbox(ctx context.Context, cfg *config.Config, log *slog.Logger) (*inbox.Inbox, error) {
	return inbox.Open(ctx, inbox.Config{
		Path: InboxPath(cfg), MaxBytes: int64(cfg.Inbox.MaxBytes), MinFreeBytes: int64(cfg.Inbox.MinFreeBytes),
		Keep: cfg.Inbox.Keep, Log: log,
	})
}

// Prepare brings the database up to date: schema and settings. It is what serve
// does at its start; commands leave the settings as serve has them.
func Prepare(ctx context.Context, db store.Store, cfg *config.Config) (steps int, err error) {
	if steps, err = db.Migrate(ctx); err != nil {
		return steps, err
	}
	return steps, db.Configure(ctx, Settings(cfg))
}

// Settings is the part of the configuration that the database keeps.
func Settings(cfg *config.Config) store.Settings {
	s := store.Settings{Zone: cfg.Timezone.String(), Keep: cfg.File() == ""}
	for _, c := range cfg.Clients {
		zone := c.Timezone
		if !zone.IsSet() {
			zone = cfg.Timezone
		}
		for _, session := range c.Sessions {
			s.Sessions = append(s.Sessions, store.SessionConfig{
				Session: session.Name, Client: c.Name, CS: session.CS, View: session.Table, Zone: zone.String(),
			})
		}
	}
	return s
}

// ignoreList answers for the pipeline who is on which client's ignore list.
type ignoreList map[string]map[string]bool // session → phones

func newIgnoreList(cfg *config.Config) ignoreList {
	l := ignoreList{}
	for _, c := range cfg.Clients {
		if len(c.Ignore) == 0 {
			continue
		}
		phones := map[string]bool{}
		for _, p := range c.Ignore {
			phones[p] = true
		}
		for _, s := range c.Sessions {
			l[s.Name] = phones
		}
	}
	return l
}

func (l ignoreList) ignored(session, phone string) bool { return l[session][phone] }
func (l ignoreList) has(session string) bool            { return l[session] != nil }
