package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"tandai/internal/waha/rest"
)

// oneByOne asks for the sessions of a server whose key may not list them, because
// it is one session's: for those that were named, are configured, or have rows.
// refused is returned where it may see none of them.
func (c *Connector) oneByOne(ctx context.Context, s *ConnectServer, refused error) ([]rest.Session, error) {
	names := slices.Clone(c.opt.Sessions)
	for _, client := range c.cfg.Clients {
		for _, one := range client.Sessions {
			names = append(names, one.Name)
		}
	}
	names = append(names, c.storedSessions(ctx)...)
	slices.Sort(names)
	var all []rest.Session
	for _, known := range slices.Compact(names) {
		server, name, further := strings.Cut(known, ".")
		if !further {
			server, name = "", known
		}
		if server != s.server.known {
			continue
		}
		one, err := s.client.Session(ctx, name)
		switch {
		case errors.Is(err, rest.ErrForbidden), errors.Is(err, rest.ErrNotFound), errors.Is(err, rest.ErrInvalid):
			continue // another's, or gone
		case err != nil:
			return nil, err
		}
		one.Name = name
		all = append(all, one)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%w. A key of one session may be shown that one: say --session, or name it under clients", refused)
	}
	s.Notes = append(s.Notes, "its key may not list the sessions, so there may be more than those shown")
	return all, nil
}

// storedSessions are the names of sessions that have rows; none where there is no
// database yet.
func (c *Connector) storedSessions(ctx context.Context) []string {
	db, err := OpenExisting(ctx, c.cfg)
	if err != nil {
		return nil
	}
	defer db.Close()
	list, err := db.SessionList(ctx)
	if err != nil {
		return nil
	}
	var names []string
	for _, i := range list {
		names = append(names, i.Session)
	}
	return names
}
