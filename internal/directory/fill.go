package directory

import (
	"context"
	"fmt"
	"slices"

	"tandai/internal/store"
)

// Fill looks up at once what a session's rows may lack: the names of its labels
// and the phones behind these hidden ids. It is for commands, which end; the
// session's other look-ups go on as they were. What WAHA does not know stays
// unknown, and is asked about again by `tandai serve`.
func (s *Service) Fill(ctx context.Context, session string, hidden []string) error {
	waha, name := s.of(session)
	if waha == nil {
		return fmt.Errorf("session %s: no waha.url is configured for its server", session)
	}
	s.mu.Lock()
	s.desk(session)
	s.mu.Unlock()
	if err := s.readLabels(ctx, session); err != nil {
		return err
	}
	known, err := s.cfg.Store.Phones(ctx, session, hidden)
	if err != nil {
		return err
	}
	hidden = slices.DeleteFunc(slices.Clone(hidden), func(h string) bool { return known[h] != "" })
	if len(hidden) >= many {
		all, err := s.readAll(ctx, session)
		if err != nil {
			return err
		}
		hidden = slices.DeleteFunc(hidden, func(h string) bool { return all[h] != "" })
		if len(hidden) > many {
			return nil // for serve, bit by bit
		}
	}
	var found []store.Input
	for _, h := range hidden {
		at := s.now()
		phone, err := waha.Lid(ctx, name, h)
		if err != nil && kindOf(err) != "" {
			return err
		}
		if phone != "" {
			found = append(found, pairOf(session, h, phone, at))
		}
	}
	_, err = s.record(ctx, found)
	return err
}
