package app

import (
	"context"
	"sync"
	"time"

	"tandai/internal/store"
)

// recovery tells the radar what comparing a deaf session with WAHA brought back.
type recovery struct {
	compare func(ctx context.Context, session, reason string) (repaired int, err error)
	store   recoveryStore
	since   int64 // when this process began, Unix ms
	log     func(ctx context.Context, err error)

	mu      sync.Mutex
	counted map[string]map[string]bool // by session: the reads that were counted
}

type recoveryStore interface {
	store.AlarmReader
	Readings(ctx context.Context, session string, limit int) ([]store.ReadingRun, error)
}

// Compare compares a session and returns how many labels were repaired since its
// alarm was raised, by whichever read: a session that works again is compared at
// once, and that read, not the radar's own, is the one that confirms. Nothing is
// counted twice.
func (r *recovery) Compare(ctx context.Context, session, reason string) (int, error) {
	own, err := r.compare(ctx, session, reason)
	if err != nil {
		return own, err
	}
	all, err := r.repaired(ctx, session)
	if err != nil {
		r.log(ctx, err)
		return own, nil
	}
	return all, nil
}

func (r *recovery) repaired(ctx context.Context, session string) (sum int, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	const day, most = 24 * time.Hour, 500
	alarms, err := r.store.RecentAlarms(ctx, time.Now().Add(-day).UnixMilli(), most)
	if err != nil {
		return 0, err
	}
	from := time.Now().UnixMilli()
	for _, a := range alarms { // newest first
		if a.Kind == store.AlarmDeaf && a.Subject == session {
			from = a.RaisedAt
			break
		}
	}
	runs, err := r.store.Readings(ctx, session, most)
	if err != nil {
		return 0, err
	}
	listed := map[string]bool{}
	for _, run := range runs {
		if run.FinishedAt < max(from, r.since) {
			continue
		}
		listed[run.ID] = true
		if !r.counted[session][run.ID] {
			sum += run.Repaired
		}
	}
	r.counted[session] = listed
	return sum, nil
}
