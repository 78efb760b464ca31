package bench

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"tandai/internal/pipeline"
)

func replaceAll(text, from, to string) string { return strings.ReplaceAll(text, from, to) }

// recordGroup: events per second from inbox to database, with spans, labels and
// summaries, against raw multi-row inserts of the same rows into a table like
// label_events. The two take turns on growing tables.
func recordGroup(ctx context.Context, opt Options, dir string) ([]Result, error) {
	return engines(opt, dir, func(db *database) ([]Result, error) { return recordOn(ctx, db, dir) })
}

func recordOn(ctx context.Context, db *database, dir string) ([]Result, error) {
	const turns, perTurn = 4, 20_000
	if _, err := db.store.Migrate(ctx); err != nil {
		return nil, err
	}
	if err := db.copyTable(ctx, "label_events", "raw_events"); err != nil {
		return nil, err
	}
	from := time.Now().Add(-2 * time.Hour)
	all := bodies((turns+1)*perTurn, from)
	var took, rawTook time.Duration
	for turn := range turns + 1 {
		part := all[turn*perTurn : (turn+1)*perTurn]
		rows, err := eventRows(part)
		if err != nil {
			return nil, err
		}
		raw, err := rawInsert(ctx, db.raw, "raw_events", rows, db.perStatement, 4000)
		if err != nil {
			return nil, err
		}
		ours, err := drain(ctx, db, dir, part)
		if err != nil {
			return nil, err
		}
		if turn > 0 { // the first warms both up
			rawTook += raw
			took += ours
		}
	}
	n := turns * perTurn
	ours, raw := perSecond(n, took), perSecond(n, rawTook)
	value := fmt.Sprintf("%.0f/s ÷ %.0f/s", ours, raw)
	return []Result{
		{What: "recorded, inbox to " + db.name + " ÷ raw multi-row INSERT of the log", Ratio: ours / raw, Bar: 0.4, Value: value},
		{What: "recorded in " + db.name + " ÷ 1,000/s of a good general stream processor", Ratio: ours / 1000, Bar: 4, Value: fmt.Sprintf("%.0f/s", ours)},
	}, nil
}

// drain fills an inbox and measures how long a pipeline takes to empty it.
func drain(ctx context.Context, db *database, dir string, part [][]byte) (time.Duration, error) {
	sub, err := os.MkdirTemp(dir, "inbox-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(sub)
	in, err := fillInbox(ctx, inboxPath(sub), part)
	if err != nil {
		return 0, err
	}
	defer in.Close()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	done := make(chan error, 1)
	pipe := pipeline.New(pipeline.Config{Inbox: in, Store: db.store})
	started := time.Now()
	go func() { done <- pipe.Run(ctx) }()
	for {
		stats, err := in.Stats(ctx)
		if err != nil {
			return 0, err
		}
		if stats.Waiting == 0 {
			took := time.Since(started)
			stop()
			return took, <-done
		}
		if state := pipe.Database(); !state.Up {
			return 0, state.Err
		}
		time.Sleep(2 * time.Millisecond)
	}
}
