package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"tandai/internal/connect"
	"tandai/internal/inbox"
	"tandai/internal/waha/rest"
)

// CheckDoors tries the address WAHA is to be given, from here, and sets the Error
// of servers that must not be given it: where it redirects, events would be lost
// in silence, and where another key is believed, all of them would be refused. An
// address that cannot be reached from here is a note: WAHA may see more.
func (c *Connector) CheckDoors(ctx context.Context) {
	for _, s := range c.Servers {
		if s.Error != "" || s.Hook == "" || !slices.ContainsFunc(s.Sessions, func(l *ConnectLink) bool { return len(l.Changes) > 0 }) {
			continue
		}
		s.checkDoor(ctx)
	}
}

func (s *ConnectServer) checkDoor(ctx context.Context) {
	k := newKnocker(s.Hook)
	got, err := k.knock(ctx, http.MethodGet, "", nil)
	switch {
	case err != nil:
		s.note("%s cannot be reached from here (%v). WAHA may see more; if nothing arrives, that is why", s.Hook, err)
		return
	case got.redirect():
		s.Error = fmt.Sprintf("%s redirects to %s, and WAHA would lose every event there in silence. Give the address it leads to", s.Hook, got.location)
		return
	case got.code == http.StatusNotFound && got.ours:
		s.Error = fmt.Sprintf("the Tandai that runs at %s does not know this door: restart it with this configuration first", s.Hook)
		return
	case got.code != http.StatusMethodNotAllowed || !got.ours:
		s.note("%s answers a GET with %d and %q, not as Tandai's door does: is that the right address?", s.Hook, got.code, got.begin)
		return
	case len(s.want.Keys) == 0:
		return
	}
	got, err = k.knock(ctx, http.MethodPost, probeBody, probeHeader(s.want.Keys[0]))
	switch {
	case err != nil:
		s.note("%s: a signed probe did not get through: %v", s.Hook, err)
	case got.code == http.StatusUnauthorized && got.ours:
		s.Error = fmt.Sprintf("the Tandai that runs at %s does not believe the first key of waha.hmac_key: restart it with this configuration first, else it refuses every event", s.Hook)
	case got.code != http.StatusOK || !got.ours:
		s.note("%s answers a signed probe with %d and %q, want 200", s.Hook, got.code, got.begin)
	}
}

func (s *ConnectServer) note(format string, args ...any) {
	s.Notes = append(s.Notes, Mask(fmt.Sprintf(format, args...)))
}

// Write gives WAHA the session's new configuration: one PUT, worked out anew from
// what WAHA has now, and only where the changes still are those that were shown.
func (c *Connector) Write(ctx context.Context, l *ConnectLink) {
	if err := c.write(ctx, l); err != nil {
		l.Error = Mask(err.Error())
	}
}

func (c *Connector) write(ctx context.Context, l *ConnectLink) error {
	if l.want.URL != "" && len(l.want.Keys) == 0 && !c.opt.NoKey {
		return errors.New("there is no key to sign with")
	}
	client := l.server.client
	now, err := client.Session(ctx, l.name)
	if err != nil {
		return wahaAdvice(err)
	}
	// What others changed meanwhile stays; where they touched what is ours, what was
	// shown would not be what is done.
	plan, err := connect.Make(now.Config, l.want)
	if err != nil || !slices.Equal(plan.Changes, l.Changes) {
		return errors.New("its webhooks were changed in the meantime, by somebody else; nothing was written. Run this again")
	}
	l.Status = now.Status
	if c.inbox != nil {
		stats, err := c.inbox.Stats(ctx)
		if err != nil {
			return err
		}
		l.after = stats.Received // the newest seq
	}
	then, err := client.PutSession(ctx, l.name, plan.Config)
	if err != nil {
		if errors.Is(err, rest.ErrUnreachable) { // it may have been taken all the same
			return fmt.Errorf("%w: whether WAHA has taken it is not known; `tandai waha connect --check` tells", wahaAdvice(err))
		}
		return wahaAdvice(err)
	}
	l.Written = true
	if again, err := connect.Make(then.Config, l.want); err == nil && len(again.Changes) > 0 && then.Config != nil {
		return fmt.Errorf("WAHA has taken the configuration, and yet says otherwise of %s: look at it in WAHA's dashboard", again.Changes[0].Field)
	}
	return nil
}

// Starts tells whether WAHA restarts the session when it is written, so that it
// is heard of soon.
func (l *ConnectLink) Starts() bool { return l.Status != "STOPPED" && l.Status != "FAILED" }

// CanHear tells whether this machine has the inbox in which events would arrive.
func (c *Connector) CanHear() bool { return c.inbox != nil }

// Await waits until an event of each session has arrived in the inbox since it
// was written, and calls heard for each; sessions of which none came in time are
// Silent.
func (c *Connector) Await(ctx context.Context, links []*ConnectLink, patience time.Duration, heard func(*ConnectLink)) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	open := slices.Clone(links)
	for len(open) > 0 {
		for _, l := range slices.Clone(open) {
			event, err := c.arrived(ctx, l)
			if err != nil && ctx.Err() == nil {
				return err
			}
			if event == "" {
				continue
			}
			l.Heard = event
			heard(l)
			open = slices.DeleteFunc(open, func(x *ConnectLink) bool { return x == l })
		}
		if len(open) == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			for _, l := range open {
				l.Silent = true
			}
			if errors.Is(ctx.Err(), context.DeadlineExceeded) {
				return nil
			}
			return ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
	return nil
}

// arrived is the first event of a session since it was written, "" while there is
// none.
func (c *Connector) arrived(ctx context.Context, l *ConnectLink) (string, error) {
	list, next, err := c.inbox.Range(ctx, inbox.Filter{Sessions: []string{l.Session}}, l.after, 1)
	if err != nil || len(list) == 0 {
		l.after = max(l.after, next)
		return "", err
	}
	return list[0].Event, nil
}
