package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"
)

const relayRate = 1000 // events per second

// relayGroup: a real tandai serve that relays a load to four destinations: a
// healthy one, one that fails every fifth time, one that hangs, and one that is
// gone for three times as long as the load lasts. It is killed twice meanwhile.
func relayGroup(ctx context.Context, opt Options, dir string) ([]Result, error) {
	return engines(opt, dir, func(db *database) ([]Result, error) {
		return relayOn(ctx, opt, db, filepath.Join(dir, "relay-"+db.name))
	})
}

func relayOn(ctx context.Context, opt Options, db *database, dir string) ([]Result, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	healthy, flaky, hung, gone := newHook(), newHook(), newHook(), newHook()
	flaky.fails = 0.2
	hung.hangs = true
	gone.down.Store(true)
	text := "relay:\n  destinations:\n"
	for name, h := range map[string]*hook{"healthy": healthy, "flaky": flaky, "hung": hung, "gone": gone} {
		defer h.close()
		text += fmt.Sprintf("    - {name: %s, url: %q, key: a-key}\n", name, h.url)
	}
	file := filepath.Join(dir, "tandai.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return nil, err
	}
	r := &relayRun{opt: opt, db: db, dir: dir, file: file, acked: map[string]time.Time{}}
	if err := r.start(ctx); err != nil {
		return nil, err
	}
	defer func() { r.serve.Load().stop() }()
	started := time.Now()
	length := time.Duration(opt.Relay) * time.Second / relayRate
	g, gctx := errgroup.WithContext(ctx)
	g.Go(func() error { return r.load(gctx, opt.Relay) })
	g.Go(func() error {
		for _, at := range []time.Duration{length / 3, 2 * length / 3} {
			select {
			case <-gctx.Done():
				return nil
			case <-time.After(time.Until(started.Add(at))):
			}
			if err := r.kill(gctx); err != nil {
				return err
			}
		}
		return nil
	})
	watching, stopWatching := context.WithCancel(ctx)
	defer stopWatching()
	var rss []float64
	var watch sync.WaitGroup
	watch.Go(func() {
		for watching.Err() == nil {
			if p := r.serve.Load(); p != nil {
				p.rss = p.rss[:0]
				p.sampleRSS()
				rss = append(rss, p.rss...)
			}
			time.Sleep(500 * time.Millisecond)
		}
	})
	if err := g.Wait(); err != nil {
		return nil, err
	}
	loaded := time.Since(started)
	within(ctx, time.Minute, func() bool { return healthy.count() >= opt.Relay })
	delays := r.delays(healthy)
	// The one that was gone comes back when three loads' time has passed.
	within(ctx, time.Until(started.Add(3*length)), func() bool { return false })
	gone.down.Store(false)
	back := time.Now()
	within(ctx, 5*time.Minute+length, func() bool { return gone.count() >= opt.Relay })
	drained := time.Since(back)
	stopWatching()
	watch.Wait()

	lost := func(h *hook, name string) (int, int, error) {
		var waits int
		err := db.raw.QueryRowContext(ctx, "SELECT COUNT(*) FROM deliveries WHERE state = 0 AND destination = ?", name).Scan(&waits)
		return opt.Relay - h.count() - waits, waits, err
	}
	results := []Result{}
	quantile := func(q float64) time.Duration {
		if len(delays) == 0 {
			return time.Hour
		}
		return delays[int(q*float64(len(delays)-1))].Round(time.Millisecond)
	}
	results = append(results,
		Result{What: fmt.Sprintf("%s, %d events at %d/s: p99 from acknowledgement to the healthy destination, seconds", db.name, opt.Relay, relayRate), Ratio: quantile(0.99).Seconds(), Bar: 1, AtMost: true,
			Value: fmt.Sprintf("p50 %s, p99 %s, max %s; load took %s", quantile(0.5), quantile(0.99), quantile(1), loaded.Round(time.Second))},
		Result{What: db.name + ": events the healthy destination lacks", Ratio: float64(opt.Relay - healthy.count()), Bar: 0.5, AtMost: true, Value: fmt.Sprintf("%d requests for %d events", healthy.asked.Load(), healthy.count())},
		Result{What: db.name + ": resident memory while relaying, MiB at most", Ratio: slices.Max(rss), Bar: 200, AtMost: true, Value: fmt.Sprintf("%.0f MiB at most", slices.Max(rss))},
	)
	for _, d := range []struct {
		name string
		h    *hook
	}{{"flaky", flaky}, {"hung", hung}, {"gone", gone}} {
		n, waits, err := lost(d.h, d.name)
		if err != nil {
			return results, err
		}
		value := fmt.Sprintf("%d have arrived, %d wait, %d requests", d.h.count(), waits, d.h.asked.Load())
		if d.h == gone {
			value += fmt.Sprintf("; %s after it came back", drained.Round(time.Second))
		}
		results = append(results, Result{What: fmt.Sprintf("%s: events lost for the destination %s", db.name, d.name), Ratio: float64(max(n, 0)), Bar: 0.5, AtMost: true, Value: value})
	}
	return results, nil
}

// within waits until done says yes, or for that long.
func within(ctx context.Context, most time.Duration, done func() bool) {
	for deadline := time.Now().Add(most); !done() && time.Now().Before(deadline) && ctx.Err() == nil; {
		time.Sleep(50 * time.Millisecond)
	}
}

// relayRun is one load on one Tandai that is killed now and then.
type relayRun struct {
	opt       Options
	db        *database
	dir, file string
	serve     atomic.Pointer[process]

	mu    sync.Mutex
	acked map[string]time.Time // when it was acknowledged, by envelope id
}

func (r *relayRun) start(ctx context.Context) error {
	p, err := startServe(ctx, r.opt, r.db, r.dir, "--config", r.file)
	if err != nil {
		return err
	}
	if err := p.ready(ctx); err != nil {
		p.stop()
		return err
	}
	r.serve.Store(p)
	return nil
}

func (r *relayRun) kill(ctx context.Context) error {
	p := r.serve.Load()
	_ = p.cmd.Process.Signal(syscall.SIGKILL)
	_ = p.cmd.Wait()
	return r.start(ctx)
}

// load sends n events at a steady pace; what is not acknowledged is sent again.
func (r *relayRun) load(ctx context.Context, n int) error {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64, MaxConnsPerHost: 64}, Timeout: 10 * time.Second}
	var g errgroup.Group
	g.SetLimit(512)
	started := time.Now()
	for i := range n {
		if due := started.Add(time.Duration(i) * time.Second / relayRate); time.Until(due) > 0 {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(time.Until(due)):
			}
		}
		b := body(i, time.Now())
		g.Go(func() error {
			for ctx.Err() == nil {
				if deliver(ctx, client, r.serve.Load().url+"/webhooks/waha", b) {
					r.mu.Lock()
					r.acked[envelopeID(b)] = time.Now()
					r.mu.Unlock()
					return nil
				}
				time.Sleep(50 * time.Millisecond)
			}
			return ctx.Err()
		})
	}
	return g.Wait()
}

// delays are the times from acknowledgement to arrival, sorted.
func (r *relayRun) delays(h *hook) []time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []time.Duration
	for id, at := range r.acked {
		if came, ok := h.first[id]; ok {
			all = append(all, max(0, came.Sub(at)))
		} else {
			all = append(all, time.Hour)
		}
	}
	slices.Sort(all)
	return all
}

func envelopeID(body []byte) string {
	i := bytes.Index(body, []byte(`"id":"evt_`))
	if i < 0 || len(body) < i+36 {
		return ""
	}
	return string(body[i+6 : i+36])
}

// hook is a destination.
type hook struct {
	url    string
	server *http.Server
	fails  float64
	hangs  bool
	ended  chan struct{}
	down   atomic.Bool
	asked  atomic.Int64

	mu    sync.Mutex
	first map[string]time.Time // by envelope id, of what was answered 200
}

func newHook() *hook {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err) // there is always a free port here
	}
	h := &hook{url: "http://" + l.Addr().String() + "/webhook", ended: make(chan struct{}), first: map[string]time.Time{}}
	h.server = &http.Server{Handler: h}
	go func() { _ = h.server.Serve(resetting{l, h}) }() // it ends with close
	return h
}

func (h *hook) close() {
	close(h.ended)
	h.server.Close()
}

func (h *hook) count() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.first)
}

// resetting takes no connection while its hook is down.
type resetting struct {
	net.Listener
	h *hook
}

func (r resetting) Accept() (net.Conn, error) {
	for {
		c, err := r.Listener.Accept()
		if err != nil || !r.h.down.Load() {
			return c, err
		}
		c.Close()
	}
}

func (h *hook) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	h.asked.Add(1)
	if h.hangs {
		select {
		case <-h.ended:
		case <-req.Context().Done():
		}
		return
	}
	if rand.Float64() < h.fails {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	id := envelopeID(body)
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, known := h.first[id]; !known {
		h.first[id] = time.Now()
	}
}
