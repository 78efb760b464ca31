// Package app puts Tandai together: it opens what the configuration names, wires
// the packages to each other, and keeps them alive. It is the only package, with
// the commands, that knows all others.
package app

import (
	"context"
	"log/slog"
	"path/filepath"

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
		return sqlite.Open(sqlite.Config{Path: db.Path})
	}
	return mysql.Open(mysql.Config{
		Addr: db.Address(), User: db.User, Password: db.Password.Reveal(), Database: db.Name, TLS: db.Params["tls"],
	})
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

// Prepare brings the database up to date: schema, settings, views. It is what
// serve does at its start, and what commands do that write.
func Prepare(ctx context.Context, db store.Store, cfg *config.Config) (steps int, notes []store.ViewNote, err error) {
	if steps, err = db.Migrate(ctx); err != nil {
		return steps, nil, err
	}
	if err := db.Configure(ctx, Settings(cfg)); err != nil {
		return steps, nil, err
	}
	notes, err = db.EnsureViews(ctx)
	return steps, notes, err
}

// Settings is the part of the configuration that the database keeps.
func Settings(cfg *config.Config) store.Settings {
	s := store.Settings{Zone: cfg.Timezone.String()}
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
