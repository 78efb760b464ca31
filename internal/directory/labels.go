package directory

import (
	"context"
	"errors"
	"time"

	"tandai/internal/store"
	"tandai/internal/waha/rest"
)

// againMost is how many reads in a row may ask for another one; what is still
// undecided then waits for the daily one.
const againMost = 10

// readLabels reads a session's labels, records what it believes, and says when to
// read them again.
func (s *Service) readLabels(ctx context.Context, session string) error {
	waha, name := s.of(session)
	before, err := s.cfg.Store.LabelStates(ctx, session)
	if err != nil {
		return fromStore(err)
	}
	labels, asked, err := waha.Labels(ctx, name)
	if err != nil {
		s.cfg.Metrics.failed("labels")
		return err
	}
	at := asked.ByWAHA(s.now())
	v := compare(reading{session: session, at: at, labels: labels, confirm: s.cfg.Confirm.Milliseconds()}, before)
	if err := s.confirmGone(ctx, session, &v, at); err != nil {
		return err
	}
	if _, err := s.record(ctx, v.found); err != nil {
		return err
	}
	if err := s.cfg.Store.NoteLabels(ctx, session, v.keep, v.drop); err != nil {
		return fromStore(err)
	}
	s.cfg.Metrics.labels()
	s.labelsWereRead(session, v)
	return nil
}

// confirmGone takes labels that were missing twice as deleted, unless WAHA still
// tells of chats that have them: a label is deleted together with its marks.
func (s *Service) confirmGone(ctx context.Context, session string, v *verdict, at int64) error {
	waha, name := s.of(session)
	for _, g := range v.gone {
		chats, _, err := waha.LabelChats(ctx, name, g.LabelID)
		switch {
		case errors.Is(err, rest.ErrNotFound):
		case err != nil:
			return err
		case len(chats) > 0:
			v.keep = append(v.keep, store.LabelNote{LabelID: g.LabelID, Missing: true, Color: g.Note.Color, At: at})
			continue
		}
		v.delete(session, g.LabelID, g.Note.At)
		v.drop = append(v.drop, g.LabelID)
		s.cfg.Log.InfoContext(ctx, "a label is no longer in WAHA: taken as deleted", "session", session, "label_id", g.LabelID)
	}
	return nil
}

func (s *Service) labelsWereRead(session string, v verdict) {
	now := s.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.desks[session]
	d.labelsRead = now
	d.fruitless++
	if len(v.found) > 0 {
		d.fruitless = 0
	}
	if d.again++; !v.again {
		d.again = 0
	}
	if v.again && d.again <= againMost {
		d.readLabelsAt(now + s.cfg.Confirm.Milliseconds() + second)
	}
}

// Believe holds a list of labels that somebody else has read against what is known
// of the session, keeps the notes, and returns what to record. at is when the list
// was asked for, Unix ms; confirm how long after it another must agree. Labels that
// are missing twice are left to a Service, which asks once more.
func Believe(ctx context.Context, db store.Catalogue, session string, at int64, labels []rest.Label, confirm time.Duration) ([]store.Input, error) {
	known, err := db.LabelStates(ctx, session)
	if err != nil {
		return nil, err
	}
	v := compare(reading{session: session, at: at, labels: labels, confirm: confirm.Milliseconds()}, known)
	return v.found, db.NoteLabels(ctx, session, v.keep, v.drop)
}
