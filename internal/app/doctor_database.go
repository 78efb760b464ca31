package app

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"time"

	"tandai/internal/config"
	"tandai/internal/store"
)

func (d *doctor) database(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	where := d.cfg.Database.String()
	if d.cfg.Database.Kind == config.SQLite {
		if _, err := os.Stat(d.cfg.Database.Path); errors.Is(err, os.ErrNotExist) {
			d.add("database", Skipped, "", "%s is not there yet: `tandai serve` makes it in %s", where, filepath.Dir(d.cfg.Database.Path))
			return
		}
	}
	db, err := OpenStore(d.cfg)
	if err != nil {
		d.add("database", Failed, "", "%s: %v", where, err)
		return
	}
	defer db.Close()
	if err := db.Ping(ctx); err != nil {
		d.add("database", Failed, adviceFor(err), "%s does not let us in: %v", where, err)
		return
	}
	d.add("database", OK, "", "%s answers: %s", where, db.Describe(ctx))
	have, want, err := db.SchemaVersion(ctx)
	switch {
	case err != nil:
		d.add("schema", Failed, adviceFor(err), "cannot be read: %v", err)
		return
	case have > want:
		d.add("schema", Failed, "Use the newer Tandai that migrated it.", "version %d, this program knows %d", have, want)
		return
	case have < want:
		d.add("schema", Warning, "`tandai migrate`, or start `tandai serve`.", "version %d, this program needs %d", have, want)
		return
	}
	d.add("schema", OK, "", "version %d", have)
	d.databaseClock(ctx, db)
	if outbox, ok := db.(store.OutboxReader); ok {
		d.relay(ctx, outbox)
	}
	sessions, err := db.SessionList(ctx)
	if err != nil {
		d.add("database", Failed, adviceFor(err), "cannot be read: %v", err)
		return
	}
	for _, s := range sessions {
		if s.ViewNote != "" {
			d.add("views", Warning, "Rename one of the two, or set clients[].sessions[].table.", "session %s: %s", s.Session, s.ViewNote)
		}
	}
	d.radar(ctx, db, sessions)
}

func (d *doctor) databaseClock(ctx context.Context, db store.Store) {
	theirs, err := db.Clock(ctx)
	if err != nil {
		d.add("clock", Warning, "", "the database's clock cannot be read: %v", err)
		return
	}
	if off := d.opt.Now().Sub(theirs); off.Abs() > 5*time.Second {
		d.add("clock", Warning, "Let both machines follow a time server.", "the database's clock and this machine's differ by %s", off.Round(time.Second))
	}
}

// adviceFor says what to do about a database that cannot be used, by the number
// of its error.
func adviceFor(err error) string {
	var e *store.Error
	if errors.As(err, &e) {
		switch e.Code {
		case "1045", "1698":
			return "User name or password is wrong, or the user may not come from this machine. Correct the database setting; Tandai starts without it and keeps events meanwhile."
		case "1044", "1142", "1227":
			return "The user lacks rights: GRANT ALL PRIVILEGES ON <database>.* TO <user>."
		case "1049":
			return "Make the database first: CREATE DATABASE <name> CHARACTER SET utf8mb4."
		case "1040", "1203":
			return "The server has no connection left: raise max_connections, or find who holds them."
		case "1130":
			return "The server does not take connections from this machine: check the user's host part and bind-address."
		case "1290", "1836", "1792":
			return "The server is read-only: is this a replica? Name the primary."
		}
	}
	var refused *net.OpError
	if errors.As(err, &refused) {
		return "Nobody answers there: is the server running, and are host and port right? Events are kept in the inbox meanwhile."
	}
	return "Events are kept in the inbox until the database can be used."
}
