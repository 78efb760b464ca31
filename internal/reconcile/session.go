package reconcile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tandai/internal/lead"
	"tandai/internal/waha/rest"
)

// Working is the status of a session that can be asked about its labels.
const Working = "WORKING"

// Targets asks every server for its sessions. A server that fails does not hide
// the others': its error is among those joined, and names it.
func (r *Reader) Targets(ctx context.Context) ([]Target, error) {
	var all []Target
	var failed []error
	for _, s := range r.cfg.Servers {
		list, err := r.list(ctx, s)
		if err != nil {
			if s.Name != "" {
				err = fmt.Errorf("WAHA server %s: %w", s.Name, err)
			}
			failed = append(failed, err)
		}
		for _, session := range list {
			all = append(all, r.target(ctx, s, session))
		}
	}
	slices.SortFunc(all, func(a, b Target) int { return cmp.Compare(a.Name, b.Name) })
	return all, errors.Join(failed...)
}

// Target asks for one session by its name here.
func (r *Reader) Target(ctx context.Context, name string) (Target, error) {
	s, wahaName, ok := r.serverOf(name)
	if !ok {
		return Target{}, fmt.Errorf("session %s: no WAHA server is configured for it", name)
	}
	var session rest.Session
	err := r.again(ctx, func() (err error) {
		session, err = s.WAHA.Session(ctx, wahaName)
		return err
	})
	if err != nil {
		return Target{}, err
	}
	session.Name = wahaName
	return r.target(ctx, s, session), nil
}

// serverOf finds the server of a session by its name here: names of WAHA's own
// have no dot in them.
func (r *Reader) serverOf(name string) (Server, string, bool) {
	server, session, dotted := strings.Cut(name, ".")
	if !dotted {
		server, session = "", name
	}
	for _, s := range r.cfg.Servers {
		if s.Name == server {
			return s, session, true
		}
	}
	return Server{}, "", false
}

func (r *Reader) list(ctx context.Context, s Server) ([]rest.Session, error) {
	var list []rest.Session
	err := r.again(ctx, func() (err error) {
		list, err = s.WAHA.Sessions(ctx)
		return err
	})
	if !errors.Is(err, rest.ErrForbidden) {
		return list, err
	}
	// The key may be one session's: ask for those that are known, one by one.
	known, storeErr := r.cfg.Store.SessionList(ctx)
	if storeErr != nil {
		return nil, storeErr
	}
	for _, k := range known {
		of, name, ok := r.serverOf(k.Session)
		if !ok || of.Name != s.Name {
			continue
		}
		session, askErr := s.WAHA.Session(ctx, name)
		if askErr == nil {
			session.Name = name
			list = append(list, session)
		}
	}
	if len(list) > 0 {
		err = nil
	}
	return list, err
}

// target is a session with its engine, as far as WAHA tells.
func (r *Reader) target(ctx context.Context, s Server, session rest.Session) Target {
	t := Target{
		Server: s, WAHA: session.Name, Name: s.SessionName(session.Name), Status: session.Status, Engine: strings.ToUpper(session.Engine),
		Client: klienOf(session.Config),
	}
	if session.Me != nil {
		if number := lead.OfChat(session.Me.ID); number != "" && !lead.IsHidden(number) && len(number) <= 32 {
			t.Number = number
		}
	}
	if t.Status == "" {
		t.Status = Working // it does not say: asking will show
	}
	if t.Engine == "" && t.Status == Working {
		if one, err := s.WAHA.Session(ctx, session.Name); err == nil {
			t.Engine = strings.ToUpper(one.Engine)
		}
	}
	if t.Engine == "" && t.Status == Working {
		if v, err := s.WAHA.Version(ctx); err == nil {
			t.Engine = strings.ToUpper(v.Engine)
		}
	}
	return t
}
