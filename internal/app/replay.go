package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"tandai/internal/config"
	"tandai/internal/inbox"
	"tandai/internal/pipeline"
	"tandai/internal/store"
)

// Replay runs bodies again from a process of its own.
type Replay struct {
	inbox *inbox.Inbox
	store store.Store
	pipe  *pipeline.Pipeline
	log   *slog.Logger
}

// OpenReplay opens inbox and database; an inbox that is not there is an error.
func OpenReplay(ctx context.Context, cfg *config.Config, log *slog.Logger) (*Replay, error) {
	if err := inboxExists(cfg); err != nil {
		return nil, err
	}
	db, err := OpenStore(cfg) // one that was lost is made anew: that is what bodies are kept for
	if err != nil {
		return nil, err
	}
	if _, err := Prepare(ctx, db, cfg); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	in, err := OpenInbox(ctx, cfg, log)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return newReplay(cfg, in, db, log), nil
}

// newReplay runs bodies of an open inbox into an open database.
func newReplay(cfg *config.Config, in *inbox.Inbox, db store.Store, log *slog.Logger) *Replay {
	ignore := newIgnoreList(cfg)
	return &Replay{inbox: in, store: db, log: log, pipe: pipeline.New(pipeline.Config{
		Inbox: in, Store: db, Ignored: ignore.ignored, HasIgnored: ignore.has, Batch: cfg.Pipeline.Batch, Log: log,
		Relay: relayOf(cfg, newDelivery(cfg, db.(store.Outbox), log, nil)), // serve sends it
	})}
}

// OpenExistingInbox opens the inbox for a command that needs what is in it.
func OpenExistingInbox(ctx context.Context, cfg *config.Config, log *slog.Logger) (*inbox.Inbox, error) {
	if err := inboxExists(cfg); err != nil {
		return nil, err
	}
	return OpenInbox(ctx, cfg, log)
}

func inboxExists(cfg *config.Config) error {
	if _, err := os.Stat(InboxPath(cfg)); errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("no inbox at %s: is --data-dir the folder serve runs with?", InboxPath(cfg))
	}
	return nil
}

// Run runs the bodies that f chooses.
func (r *Replay) Run(ctx context.Context, f inbox.Filter, progress func(pipeline.Replayed)) (pipeline.Replayed, error) {
	done, err := r.pipe.Replay(ctx, f, progress)
	if err != nil {
		return done, err
	}
	if _, err := r.store.EnsureViews(ctx); err != nil { // serve will make them; the rows are there
		r.log.WarnContext(ctx, "views of sessions could not be made", "err", err)
	}
	return done, nil
}

// Count counts them and runs none.
func (r *Replay) Count(ctx context.Context, f inbox.Filter) (pipeline.Replayed, error) {
	done := pipeline.Replayed{Skipped: map[string]int{}}
	var after int64
	for {
		page, next, err := r.inbox.Range(ctx, f, after, 1000)
		if err != nil || len(page) == 0 {
			return done, err
		}
		done.Bodies += len(page)
		after = next
	}
}

// Close closes both.
func (r *Replay) Close() error { return errors.Join(r.inbox.Close(), r.store.Close()) }
