package app

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"tandai/internal/config"
	"tandai/internal/demo"
	"tandai/internal/inbox"
	"tandai/internal/intake"
	"tandai/internal/pipeline"
	"tandai/internal/store"
	"tandai/internal/waha"
	"tandai/internal/waha/wahasim"
)

// DemoOptions say what a demo is made of.
type DemoOptions struct {
	Dir, Addr           string
	Database            string // "" = SQLite in Dir
	LogLevel, LogFormat string
	Leads, Days         int
	Rate                float64
	Seed                uint64
	End                 time.Time
	Version             string
	Stderr              io.Writer
}

// Demo is a believable agency in a folder of its own, and a simulated WAHA.
type Demo struct {
	opt    DemoOptions
	cfg    *config.Config
	agency *demo.Agency
	key    string
}

// NewDemo makes the agency; nothing is written yet.
func NewDemo(opt DemoOptions) (*Demo, error) {
	agency, err := demo.New(demo.Config{Seed: opt.Seed, End: opt.End, Days: opt.Days, Leads: opt.Leads})
	if err != nil {
		return nil, err
	}
	if left, err := os.ReadDir(opt.Dir); err == nil && len(left) > 0 {
		return nil, fmt.Errorf("%s is not empty: a demo fills a folder of its own; name one that is empty or not there", opt.Dir)
	}
	key := rand.Text()
	file := filepath.Join(opt.Dir, config.DefaultFile)
	if err := writeDemoConfig(file, opt, agency.Clients(), key, nil); err != nil {
		return nil, err
	}
	cfg, err := config.Load(file, nil)
	if err != nil {
		return nil, err
	}
	cfg.Log.Level = cmp.Or(opt.LogLevel, cfg.Log.Level) // now, not whenever the folder is served again
	return &Demo{opt: opt, cfg: cfg, agency: agency, key: key}, nil
}

// Filled counts what a demo begins with.
type Filled struct {
	Deliveries int
	Rows       int64
}

// Fill sends the whole history through inbox and pipeline, the way it would have
// come: the inbox's clock goes along with it. progress may be nil.
func (d *Demo) Fill(ctx context.Context, progress func(events int)) (Filled, error) {
	log := NewLog(d.opt.Stderr, d.cfg.Log)
	db, err := OpenStore(d.cfg)
	if err != nil {
		return Filled{}, err
	}
	defer db.Close()
	if have, _, err := db.SchemaVersion(ctx); err != nil {
		return Filled{}, err
	} else if have > 0 {
		return Filled{}, fmt.Errorf("%s holds a Tandai already: a demo would mix invented people with real ones; name an empty database", d.cfg.Database)
	}
	if _, err := Prepare(ctx, db, d.cfg); err != nil {
		return Filled{}, err
	}
	var clock atomic.Int64
	now := func() time.Time { return time.UnixMilli(clock.Load()) }
	in, err := inbox.Open(ctx, inbox.Config{Path: InboxPath(d.cfg), Log: log, Now: now})
	if err != nil {
		return Filled{}, err
	}
	defer in.Close()
	ignore := newIgnoreList(d.cfg)
	activity := demoActivity{hours: map[demoHour]*store.Activity{}}
	pipe := pipeline.New(pipeline.Config{
		Inbox: prompt{in}, Store: db, Ignored: ignore.ignored, HasIgnored: ignore.has, Observe: activity.observe, Now: now, Log: log,
	})

	running, stop := context.WithCancel(ctx)
	defer stop()
	var drained errgroup.Group
	drained.Go(func() error { return pipe.Run(running) })

	var filled Filled
	puts, putCtx := errgroup.WithContext(ctx)
	puts.SetLimit(512) // they share commits
	d.agency.History(func(e wahasim.Event) bool {
		clock.Store(max(clock.Load(), e.At))
		puts.Go(func() error {
			kept := waha.Keep(e.Body)
			_, err := in.Put(putCtx, intake.ItemOf("", kept, e.Body))
			return err
		})
		filled.Deliveries++
		if progress != nil && filled.Deliveries%1000 == 0 {
			progress(filled.Deliveries)
		}
		return putCtx.Err() == nil
	})
	if err := puts.Wait(); err != nil {
		return filled, fmt.Errorf("fill inbox: %w", err)
	}
	for {
		stats, err := in.Stats(ctx)
		if err != nil {
			return filled, err
		}
		if stats.Waiting == 0 {
			break
		}
		if state := pipe.Database(); !state.Up {
			return filled, state.Err
		}
		select {
		case <-ctx.Done():
			return filled, ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
	stop()
	if err := drained.Wait(); err != nil {
		return filled, err
	}
	if err := activity.save(ctx, db.(store.RadarStore), now()); err != nil {
		return filled, err
	}
	if err := d.rememberAlarm(ctx, db.(store.RadarStore)); err != nil {
		return filled, err
	}
	totals, err := db.Totals(ctx)
	filled.Rows = totals.Events
	return filled, err
}

// prompt is an inbox whose deliveries came the moment they were sent. Those of a
// history are put in many at a time, by a clock that goes ahead of them; what is
// recorded must not depend on how far.
type prompt struct{ *inbox.Inbox }

func (p prompt) Claim(ctx context.Context, limit int) ([]inbox.Delivery, error) {
	claimed, err := p.Inbox.Claim(ctx, limit)
	for i := range claimed {
		claimed[i].ReceivedAt = claimed[i].At
	}
	return claimed, err
}

// Serve serves the folder while the simulated WAHA plays the present against its
// own door, and answers what it is asked. ready is called when the page can be
// opened, with WAHA's address.
func (d *Demo) Serve(ctx context.Context, ready func(page net.Addr, waha string)) error {
	log := NewLog(d.opt.Stderr, d.cfg.Log)
	sim, err := newDemoWAHA(d.agency.Server(), d.opt.Seed)
	if err != nil {
		return err
	}
	defer sim.listen.Close()
	sim.tell(d.cfg)
	guests, err := newDemoGuests()
	if err != nil {
		return err
	}
	defer guests.listen.Close()
	if d.opt.Rate > 0 {
		if err := d.lively(sim, guests, time.Now()); err != nil {
			return err
		}
	}
	write := func(served *config.Config) error {
		return writeDemoConfig(filepath.Join(d.opt.Dir, config.DefaultFile), d.opt, d.agency.Clients(), d.key, served)
	}
	if err := write(d.cfg); err != nil {
		return err
	}
	defer func() { _ = write(nil) }() // a folder that stays is served without what ends with the demo
	open := make(chan net.Addr, 1)
	server, err := NewServer(d.cfg, Options{Version: d.opt.Version, Ready: func(a net.Addr) { open <- a }}, log)
	if err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return sim.run(ctx) })
	g.Go(func() error { return guests.run(ctx) })
	g.Go(func() error { return server.Run(ctx) })
	g.Go(func() error {
		select {
		case <-ctx.Done():
			return nil
		case addr := <-open:
			if err := d.play(ctx, sim, addr, ready); err != nil && !errors.Is(err, context.Canceled) {
				return err
			}
			return nil
		}
	})
	return g.Wait()
}

func (d *Demo) play(ctx context.Context, sim *demoWAHA, addr net.Addr, ready func(net.Addr, string)) error {
	var sessions []string
	for _, c := range d.agency.Clients() {
		for _, s := range c.Sessions {
			sessions = append(sessions, s.Name)
		}
	}
	if err := sim.hook(sessions, "http://"+addr.String()+"/webhooks/waha", d.key); err != nil {
		return err
	}
	ready(addr, sim.url())
	if d.opt.Rate == 0 {
		<-ctx.Done()
		return nil
	}
	return d.agency.Live(ctx, demo.LiveConfig{Send: func(_ context.Context, ev wahasim.Event) { sim.node.Emit(ev) }, Rate: d.opt.Rate})
}
