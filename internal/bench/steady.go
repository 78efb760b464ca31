package bench

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"tandai/internal/intake"
	"tandai/internal/waha"
)

const steadyRate = 2000 // events per second

// steadyGroup: a real tandai serve under a steady load; how long until a row can
// be seen, and how much memory it takes.
func steadyGroup(ctx context.Context, opt Options, dir string) ([]Result, error) {
	return engines(opt, dir, func(db *database) ([]Result, error) {
		return steadyOn(ctx, opt, db, filepath.Join(dir, "steady-"+db.name))
	})
}

func steadyOn(ctx context.Context, opt Options, db *database, dir string) ([]Result, error) {
	p, err := startServe(ctx, opt, db, dir)
	if err != nil {
		return nil, err
	}
	defer p.stop()
	if err := p.ready(ctx); err != nil {
		return nil, err
	}
	s := &sampler{db: db.raw, seen: make(chan sample, 1024)}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var watching sync.WaitGroup
	watching.Go(func() { s.run(ctx) })

	n, failed, err := load(ctx, p.url+"/webhooks/waha", opt.Steady, s, p)
	if err != nil {
		return nil, err
	}
	time.Sleep(2 * time.Second)
	stop()
	watching.Wait()
	if len(s.delays) == 0 {
		return nil, fmt.Errorf("no row was seen of %d events", n)
	}
	slices.Sort(s.delays)
	quantile := func(q float64) time.Duration { return s.delays[int(q*float64(len(s.delays)-1))] }
	// The first quarter warms up; then memory must not grow.
	warm := p.rss[len(p.rss)/4:]
	third := max(1, len(warm)/3)
	early, late := mean(warm[:third]), mean(warm[len(warm)-third:])
	p99 := quantile(0.99)
	return []Result{
		{What: fmt.Sprintf("%s, %d/s for %s: p99 from request to visible row, seconds", db.name, steadyRate, opt.Steady), Ratio: p99.Seconds(), Bar: 1, AtMost: true,
			Value: fmt.Sprintf("p50 %s, p99 %s, max %s of %d samples; %d events sent, %d not acknowledged, %.0f/s reached",
				quantile(0.5).Round(time.Millisecond), p99.Round(time.Millisecond), quantile(1).Round(time.Millisecond), len(s.delays), n, failed, perSecond(n, opt.Steady))},
		{What: db.name + ": resident memory, MiB at most", Ratio: slices.Max(p.rss), Bar: 150, AtMost: true, Value: fmt.Sprintf("%.0f MiB at most", slices.Max(p.rss))},
		{What: db.name + ": memory at the end ÷ after warming up", Ratio: late / early, Bar: 1.1, AtMost: true, Value: fmt.Sprintf("%.0f MiB ÷ %.0f MiB", late, early)},
		{What: db.name + ": events not acknowledged", Ratio: float64(failed), Bar: 0.5, AtMost: true, Value: fmt.Sprint(failed)},
	}, nil
}

func mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

// load sends steadily: a few requests every few milliseconds, whatever became of
// those before. Every 200th is followed until its row can be seen.
func load(ctx context.Context, url string, d time.Duration, s *sampler, p *process) (sent, failed int, err error) {
	const tick = 5 * time.Millisecond
	const perTick = steadyRate * int(tick) / int(time.Second)
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 128, MaxConnsPerHost: 128}}
	defer client.CloseIdleConnections()
	var wg sync.WaitGroup
	var mu sync.Mutex
	work := make(chan int, steadyRate*10)
	for range 64 {
		wg.Go(func() {
			for n := range work {
				now := time.Now()
				b := body(n, now)
				id := intake.ItemOf("", waha.Keep(b), b).Key
				ok := deliver(ctx, client, url, b)
				if !ok {
					mu.Lock()
					failed++
					mu.Unlock()
				} else if n%200 == 0 {
					s.follow(fmt.Sprintf("%x", id), now)
				}
			}
		})
	}
	ticks := time.NewTicker(tick)
	defer ticks.Stop()
	end := time.Now().Add(d)
	nextRSS := time.Now()
	for now := time.Now(); now.Before(end) && ctx.Err() == nil; now = <-ticks.C {
		for range perTick {
			work <- sent
			sent++
		}
		if now.After(nextRSS) {
			nextRSS = now.Add(time.Second)
			p.sampleRSS()
		}
	}
	close(work)
	wg.Wait()
	return sent, failed, ctx.Err()
}

func deliver(ctx context.Context, client *http.Client, url string, b []byte) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(b))
	if err != nil {
		return false
	}
	req.Header = http.Header{"Content-Type": {"application/json"}, waha.HeaderHmac: {waha.Sign([]byte(hmacKey), b)}, waha.HeaderHmacAlgorithm: {"sha512"}}
	res, err := client.Do(req)
	if err != nil {
		return false
	}
	_, _ = io.Copy(io.Discard, res.Body)
	res.Body.Close()
	return res.StatusCode == http.StatusOK
}

type sample struct {
	id string
	at time.Time
}

// sampler asks the database for followed rows until they are there.
type sampler struct {
	db     *sql.DB
	seen   chan sample
	delays []time.Duration
}

func (s *sampler) follow(id string, at time.Time) {
	select {
	case s.seen <- sample{id, at}:
	default: // it follows enough
	}
}

func (s *sampler) run(ctx context.Context) {
	var open []sample
	for ctx.Err() == nil {
		select {
		case x := <-s.seen:
			open = append(open, x)
			continue
		default:
		}
		for i := 0; i < len(open); i++ {
			var one int
			if s.db.QueryRowContext(ctx, "SELECT 1 FROM label_events WHERE event_id = ?", open[i].id).Scan(&one) == nil {
				s.delays = append(s.delays, time.Since(open[i].at))
				open = slices.Delete(open, i, i+1)
				i--
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	for _, x := range open { // never seen: as late as the run was long
		s.delays = append(s.delays, time.Since(x.at))
	}
}
