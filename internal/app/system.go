package app

import (
	"tandai/internal/config"
	"tandai/internal/report"
	"tandai/internal/store"
)

// wings are the sources of the system page.
func (s *Server) wings() report.Wings {
	w := report.Wings{Feeds: s.waysIn}
	for _, d := range s.cfg.Relay.Destinations {
		w.Destinations = append(w.Destinations, d.Name)
	}
	if s.cfg.Alarms.Webhook.URL != "" {
		w.Destinations = append(w.Destinations, config.AlarmDestination)
	}
	w.Compares = s.reconcile != nil
	if w.LooksUp = s.directory != nil; w.LooksUp {
		w.Trouble = s.lookupTrouble
	}
	// Engines that lack one of these are not shown; ours lack none.
	if db, ok := s.store.(store.OutboxReader); ok {
		w.Outbox = db
	}
	if db, ok := s.store.(store.People); ok {
		w.People = db
	}
	if db, ok := s.store.(store.AlarmReader); ok {
		w.Alarms = db
	}
	if s.radar != nil {
		w.Watches, w.Hearing = true, s.hearing
	}
	if db, ok := s.store.(store.Reconciliation); ok {
		w.Truth = db
	}
	return w
}

// waysIn says how the events of each server come here.
func (s *Server) waysIn() []report.Feed {
	var all []report.Feed
	next := 0 // of s.feeds, which are in the order of the servers
	for i, server := range s.cfg.AllServers() {
		f := report.Feed{Server: server.Name}
		if i == 0 {
			f.Server = ""
		}
		if server.Feed == "websocket" && next < len(s.feeds) {
			state := s.feeds[next].State()
			next++
			f.Websocket, f.Connected, f.Err = true, state.Connected, state.Err
			if !state.Since.IsZero() {
				f.Since = state.Since.UnixMilli()
			}
			if !state.LastFrameAt.IsZero() {
				f.LastAt = state.LastFrameAt.UnixMilli()
			}
		}
		all = append(all, f)
	}
	return all
}

// lookupTrouble is what is in the way of asking WAHA for names and phones.
func (s *Server) lookupTrouble() []report.Trouble {
	var all []report.Trouble
	for _, state := range s.directory.State() {
		if t := state.Trouble; t != nil && t.Err != nil {
			all = append(all, report.Trouble{Session: state.Session, Since: t.SinceAt, What: t.Err.Error()})
		}
	}
	return all
}
