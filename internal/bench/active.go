package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"time"

	"tandai/internal/label"
	"tandai/internal/store"
)

// activeGroup: the question everybody asks, which labels are on which lead now,
// by the original's window function and by active_labels; and how long a Tandai
// with that database takes to open its door.
func activeGroup(ctx context.Context, opt Options, dir string) ([]Result, error) {
	return engines(opt, dir, func(db *database) ([]Result, error) { return activeOn(ctx, opt, db, dir) })
}

const rowNumber = `SELECT COUNT(*) FROM (
  SELECT t.* FROM (
    SELECT l.*, ROW_NUMBER() OVER (PARTITION BY session, nomor_lead, label_id ORDER BY timestamp_unix DESC) AS rn FROM label_events l
  ) t WHERE t.rn = 1 AND t.status = 'add_label'
) latest`

func activeOn(ctx context.Context, opt Options, db *database, dir string) ([]Result, error) {
	bar := map[string]float64{"MariaDB": 100, "SQLite": 50}[db.name]
	if _, err := db.store.Migrate(ctx); err != nil {
		return nil, err
	}
	if err := loadLog(ctx, opt, db.store); err != nil {
		return nil, err
	}
	if db.name == "MariaDB" {
		if _, err := db.raw.ExecContext(ctx, "ANALYZE TABLE label_events, label_spans, labels"); err != nil {
			return nil, err
		}
	}
	count := func(query string, times int) (n int, took time.Duration, err error) {
		for range times {
			started := time.Now()
			if err := db.raw.QueryRowContext(ctx, query).Scan(&n); err != nil {
				return 0, 0, err
			}
			if d := time.Since(started); took == 0 || d < took {
				took = d
			}
		}
		return n, took, nil
	}
	viaWindow, windowTook, err := count(rowNumber, 2)
	if err != nil {
		return nil, err
	}
	viaView, viewTook, err := count("SELECT COUNT(*) FROM active_labels", 5)
	if err != nil {
		return nil, err
	}
	if viaWindow != viaView {
		return nil, fmt.Errorf("the window function counts %d, active_labels %d", viaWindow, viaView)
	}
	ready, err := startToReady(ctx, opt, db, filepath.Join(dir, "ready-"+db.name))
	if err != nil {
		return nil, err
	}
	return []Result{
		{What: fmt.Sprintf("%s, %d events: ROW_NUMBER() ÷ active_labels, counting %d", db.name, opt.Events, viaView),
			Ratio: windowTook.Seconds() / viewTook.Seconds(), Bar: bar, Value: fmt.Sprintf("%.2f s ÷ %.4f s", windowTook.Seconds(), viewTook.Seconds())},
		{What: fmt.Sprintf("%s, %d events: start to /readyz with the database up, seconds", db.name, opt.Events),
			Ratio: ready.Seconds(), Bar: 1, AtMost: true, Value: ready.Round(time.Millisecond).String()},
	}, nil
}

// loadLog records a log of opt.Events, of which about 30,000 are active at the
// end: labels come and go on the same leads.
func loadLog(ctx context.Context, opt Options, db store.Store) error {
	const batch = 5000
	r := rand.New(rand.NewPCG(1, 2))
	keys := opt.Events / 17 // each (lead, label) changes about 17 times; about half end with the label on
	at := time.Now().Add(-90 * 24 * time.Hour).UnixMilli()
	on := make([]bool, keys)
	var in []store.Input
	for n := range opt.Events {
		k := r.IntN(keys)
		on[k] = !on[k]
		status := label.Removed
		if on[k] {
			status = label.Added
		}
		at += 1 + int64(r.IntN(15_000))
		session := fmt.Sprintf("bench_cs%d", k%sessions)
		in = append(in, store.Input{Session: session, At: at, Number: "6281234500", Event: &label.Event{
			ID: label.EventID("", session, "bench", fmt.Sprint(n)), Session: session, ChatID: fmt.Sprintf("62899%08d@c.us", k/labelIDs),
			LabelID: fmt.Sprint(1 + k%labelIDs), Status: status, At: at, Source: label.FromWebhook, ReceivedAt: at, SaidCS: "6281234500",
		}})
		if len(in) == batch || n == opt.Events-1 {
			if _, err := db.Record(ctx, in); err != nil {
				return err
			}
			in = in[:0]
			if n%200_000 < batch {
				fmt.Fprintf(opt.Log, "  %d events loaded\n", n)
			}
		}
	}
	return nil
}
