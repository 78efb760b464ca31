package sqlstore

import (
	"cmp"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"tandai/internal/store"
)

// maxIdentifier is the longest name MySQL takes; kept on all engines, so that a
// database can move.
const maxIdentifier = 64

type sessionView struct {
	session, wanted, name, note string
	adopted                     *adoption // the table whose place the view has taken
}

// EnsureViews makes what views are missing, on a connection of its own and never
// inside a batch: DDL commits whatever is open.
func (db *DB) EnsureViews(ctx context.Context) ([]store.ViewNote, error) {
	var all []sessionView
	err := each(ctx, db.read, db.q["session_registry.views"], nil, func(r *sql.Rows) error {
		var v sessionView
		err := r.Scan(&v.session, &v.wanted, &v.name, &v.note)
		all = append(all, v)
		return err
	})
	if err != nil {
		return nil, db.fault("read views", err)
	}
	conn, err := db.write.Conn(ctx)
	if err != nil {
		return nil, db.fault("make views", err)
	}
	defer conn.Close()
	taken := map[string]string{} // folded name → session
	for _, v := range all {
		if v.name != "" {
			taken[strings.ToLower(v.name)] = v.session
		}
	}
	adopted, err := db.adopted(ctx, conn)
	if err != nil {
		return nil, db.fault("read adoptions", err)
	}
	var notes []store.ViewNote
	var failed []error
	for _, v := range all {
		want := ViewName(v.session, v.wanted)
		if a, ok := adopted[v.session]; ok { // whatever the configuration says: the table is under another name
			want, v.adopted = a.View, &a
		}
		if other, clash := taken[strings.ToLower(want)]; clash && other != v.session {
			want = cut(want, v.session)
		}
		now := v
		now.name, now.note = want, ""
		if err := db.ensureView(ctx, conn, v, &now); err != nil {
			// The next session must not go without its view for it.
			failed = append(failed, db.fault("make view "+want, err))
			if ctx.Err() != nil || errors.Is(failed[len(failed)-1], store.ErrUnavailable) && db.Ping(ctx) != nil {
				break
			}
			continue
		}
		if now.note != "" {
			notes = append(notes, store.ViewNote{Session: v.session, View: want, Note: now.note})
		}
		if now.name != "" {
			taken[strings.ToLower(now.name)] = v.session
		}
	}
	return notes, errors.Join(failed...)
}

// ensureView makes one view. The entry is written before the view, so that a view
// found under a name that is not in the entry is somebody else's.
func (db *DB) ensureView(ctx context.Context, conn *sql.Conn, old sessionView, now *sessionView) error {
	kind, err := db.d.Object(ctx, conn, now.name)
	if err != nil {
		return err
	}
	ours := strings.EqualFold(old.name, now.name)
	if kind == "view" && !ours { // unless another server has just made it
		var entry string
		if err := conn.QueryRowContext(ctx, db.q["session_registry.view_of"], now.session).Scan(&entry); err != nil {
			return err
		}
		ours = strings.EqualFold(entry, now.name) || now.adopted != nil
	}
	if kind == "view" && ours {
		if strings.EqualFold(old.name, now.name) {
			return nil
		}
		_, err := conn.ExecContext(ctx, db.q["session_registry.view"], now.name, "", now.session)
		return err
	}
	if kind != "" {
		now.note = fmt.Sprintf("a %s named %s is already in the database and was left alone", kind, now.name)
		now.name = ""
	}
	if now.name != old.name || now.note != old.note {
		if _, err := conn.ExecContext(ctx, db.q["session_registry.view"], now.name, now.note, now.session); err != nil {
			return err
		}
	}
	if old.name != "" && !ours {
		if oldKind, err := db.d.Object(ctx, conn, old.name); err != nil {
			return err
		} else if oldKind == "view" {
			if _, err := conn.ExecContext(ctx, db.d.DropView(old.name)); err != nil {
				return err
			}
		}
	}
	if now.name == "" {
		return nil
	}
	create := db.d.CreateView(now.name, now.session)
	if now.adopted != nil {
		create = db.d.ViewLike(now.name, now.session, now.adopted.columns)
	}
	_, err = conn.ExecContext(ctx, create)
	return err
}

// ViewName is the name of a session's view: the configured one, or
// labeling_<session>, with dots made underscores and at most 64 characters.
func ViewName(session, wanted string) string {
	name := strings.ReplaceAll(cmp.Or(wanted, "labeling_"+session), ".", "_")
	if utf8.RuneCountInString(name) > maxIdentifier {
		return cut(name, session)
	}
	return name
}

// cut makes a name that is too long or taken the session's own, with 6 hex digits
// of the session's hash.
func cut(name, session string) string {
	sum := sha256.Sum256([]byte(session))
	const tail = 7
	letters := []rune(name)
	return string(letters[:min(len(letters), maxIdentifier-tail)]) + "_" + hex.EncodeToString(sum[:3])
}
