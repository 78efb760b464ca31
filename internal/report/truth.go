package report

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"tandai/internal/store"
)

// TruthStore is what the report of comparisons reads. store.Reconciliation has it.
type TruthStore interface {
	Readings(ctx context.Context, session string, limit int) ([]store.ReadingRun, error)
	NotedDifferences(ctx context.Context, session string, limit int) ([]store.Noted, error)
	Repaired(ctx context.Context, session string, since, until int64, limit int) ([]store.LogRow, error)
	Coverage(ctx context.Context, since, until, inTime int64) ([]store.Coverage, error)
}

// Truth is what comparing with WAHA came to.
type Truth struct {
	Coverage []Coverage                  // by session, in the last CoverageDays days
	Repaired []Change                    // rows of the log that comparing brought in those days, newest first, at most RepairsShown
	Newest   map[string]store.ReadingRun // the newest read of each session
	// Runs are the newest reads, newest first, at most RunsShown. Of polls, which
	// come every few minutes, only those that found something or failed are here,
	// and the newest.
	Runs  []store.ReadingRun
	Noted int64 // differences seen once and not yet confirmed; NotedMost stands for more

	rows []store.LogRow
}

// Limits of what Truth shows and counts, and how late a webhook may be to be in
// time.
const (
	CoverageDays = 7
	InTime       = time.Minute
	RepairsShown = 50
	RunsShown    = 50
	NotedMost    = 1000
)

// Coverage is how the changes of one number became known.
type Coverage struct {
	store.Coverage
	Polled bool // its engine sends no label events: comparing is its only source
}

// All is how many changes there were.
func (c Coverage) All() int64 { return int64(c.InTime) + int64(c.Late) + int64(c.Repaired) }

// EngineWithoutEvents is WAHA's engine that tells of no labels.
const EngineWithoutEvents = "WEBJS"

const reasonPoll = "poll"

func (r *Reports) readTruth(ctx context.Context) (Truth, error) {
	db := r.cfg.Wings.Truth
	now := r.cfg.Now()
	since, until := now.Add(-CoverageDays*24*time.Hour).UnixMilli(), now.Add(time.Hour).UnixMilli()
	t := Truth{Newest: map[string]store.ReadingRun{}}
	coverage, err := db.Coverage(ctx, since, until, InTime.Milliseconds())
	if err != nil {
		return t, fmt.Errorf("coverage: %w", err)
	}
	if t.rows, err = db.Repaired(ctx, "", since, until, RepairsShown); err != nil {
		return t, fmt.Errorf("repaired events: %w", err)
	}
	noted, err := db.NotedDifferences(ctx, "", NotedMost)
	if err != nil {
		return t, fmt.Errorf("noted differences: %w", err)
	}
	t.Noted = int64(len(noted))
	runs, err := db.Readings(ctx, "", 4*RunsShown)
	if err != nil {
		return t, fmt.Errorf("reads of WAHA: %w", err)
	}
	for _, run := range runs {
		if _, ok := t.Newest[run.Session]; !ok {
			t.Newest[run.Session] = run
		} else if run.Reason == reasonPoll && run.Differences == 0 && run.Error == "" {
			continue
		}
		if len(t.Runs) < RunsShown {
			t.Runs = append(t.Runs, run)
		}
	}
	for _, c := range coverage {
		if err := r.newest(ctx, &t, c.Session); err != nil {
			return t, err
		}
		t.Coverage = append(t.Coverage, Coverage{Coverage: c, Polled: t.Newest[c.Session].Engine == EngineWithoutEvents})
	}
	for session, run := range t.Newest { // a number that is only polled may have no change at all
		if run.Engine == EngineWithoutEvents && !slices.ContainsFunc(t.Coverage, func(c Coverage) bool { return c.Session == session }) {
			t.Coverage = append(t.Coverage, Coverage{Coverage: store.Coverage{Session: session}, Polled: true})
		}
	}
	slices.SortFunc(t.Coverage, func(a, b Coverage) int { return strings.Compare(a.Session, b.Session) })
	return t, nil
}

// newest looks for the newest read of a session that is not among the newest of
// all.
func (r *Reports) newest(ctx context.Context, t *Truth, session string) error {
	if _, ok := t.Newest[session]; ok {
		return nil
	}
	runs, err := r.cfg.Wings.Truth.Readings(ctx, session, 1)
	if err != nil {
		return fmt.Errorf("reads of WAHA: %w", err)
	}
	if len(runs) > 0 {
		t.Newest[session] = runs[0]
	}
	return nil
}
