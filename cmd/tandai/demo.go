package main

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"time"

	"tandai/internal/app"
	"tandai/internal/config"
)

type demoCmd struct {
	Addr  string  `help:"host:port to listen on; 127.0.0.1:8080, or a free port where that is taken." placeholder:"ADDR"`
	Dir   string  `help:"Folder to fill and keep, instead of a temporary one that is removed at the end." type:"path" placeholder:"DIR"`
	Leads int     `help:"How many leads the history has, about." default:"3000"`
	Days  int     `help:"Length of the history." default:"90"`
	Rate  float64 `help:"Events per second that the simulated WAHA sends." default:"2"`
	Seed  uint64  `help:"Another seed, another agency." default:"1"`
	End   string  `help:"When the history ends (see replay --help for forms); the start of this hour unless given. Two runs with the same seed and end give the same data." placeholder:"TIME"`
	Fill  bool    `help:"Fill the folder and end; serve nothing."`
}

func (c *demoCmd) Run(ctx context.Context, g *Globals, o out) error {
	if c.Leads < 1 || c.Days < 1 || c.Rate < 0 {
		return fmt.Errorf("%w: --leads and --days must be at least 1, --rate at least 0", errUsage)
	}
	if g.Config != "" || g.DataDir != "" {
		return fmt.Errorf("%w: a demo writes a configuration of its own, into a folder of its own: name that with --dir", errUsage)
	}
	end := time.Now().Truncate(time.Hour)
	if c.End != "" {
		ms, err := parseTime(c.End, time.Now(), time.Local)
		if err != nil {
			return fmt.Errorf("%w: --end: %w", errUsage, err)
		}
		end = time.UnixMilli(ms)
	}
	if !c.Fill && end.After(time.Now()) {
		return fmt.Errorf("%w: --end is in the future, and the demo plays the present after it: with --fill only", errUsage)
	}
	dir := c.Dir
	if dir == "" {
		var err error
		if dir, err = demoDir(); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	}
	addr := cmp.Or(c.Addr, usualAddr)
	if !c.Fill {
		var err error
		if addr, err = freeAddr(c.Addr); err != nil {
			return err
		}
	}
	level := g.LogLevel
	if level == "" {
		level = "warn" // the last lines a person sees are the address and how to stop
	}
	d, err := app.NewDemo(app.DemoOptions{
		Dir: dir, Addr: addr, Database: g.Database, LogLevel: level, LogFormat: g.LogFormat,
		Leads: c.Leads, Days: c.Days, Rate: c.Rate, Seed: c.Seed, End: end, Version: version(), Stderr: os.Stderr,
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(o, "Filling %s with an agency of 3 clients, 8 CS numbers and %d days …\n", dir, c.Days)
	started := time.Now()
	filled, err := d.Fill(ctx, func(events int) {
		if isTerminal(os.Stderr) {
			fmt.Fprintf(os.Stderr, "\r\x1b[K%d events …", events)
		}
	})
	progressEnds(os.Stderr)
	if err != nil {
		if ctx.Err() != nil && c.Dir != "" {
			fmt.Fprintf(os.Stderr, "%s is filled in part; remove it before another try\n", c.Dir)
		}
		return err
	}
	fmt.Fprintf(o, "%d deliveries received, %d rows in the label log, in %.1f s.\n", filled.Deliveries, filled.Rows, time.Since(started).Seconds())
	if c.Fill {
		fmt.Fprintf(o, "Serve it: tandai serve --config %s\n", filepath.Join(dir, config.DefaultFile))
		return nil
	}
	return d.Serve(ctx, func(addr net.Addr, waha string) {
		fmt.Fprintf(o, "Beside it: export TANDAI_CONFIG=%s, and then tandai doctor, reconcile, outbox list, …\n", filepath.Join(dir, config.DefaultFile))
		fmt.Fprintf(o, "\nOpen    http://%s/\nWAHA    %s\n        it answers at %s with the API key %s\nStop    Ctrl-C%s\n", addr, c.sends(), waha, app.DemoKey, removed(c.Dir))
	})
}

func (c *demoCmd) sends() string {
	if c.Rate == 0 {
		return "a simulated one, silent: --rate is 0"
	}
	return fmt.Sprintf("a simulated one sends about %g signed events per second", c.Rate)
}

func removed(dir string) string {
	if dir == "" {
		return "; the folder is removed then"
	}
	return "; the folder stays"
}

const usualAddr = "127.0.0.1:8080"

// freeAddr takes the usual address where it is free: a demo beside a real Tandai
// must not fail.
func freeAddr(wanted string) (string, error) {
	if wanted != "" {
		return wanted, nil
	}
	for _, addr := range []string{usualAddr, "127.0.0.1:0"} {
		l, err := net.Listen("tcp", addr)
		if err != nil {
			continue
		}
		addr = l.Addr().String()
		return addr, l.Close()
	}
	return "", fmt.Errorf("no port is free on 127.0.0.1: name one with --addr")
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// demoDir makes a folder whose name is short and could not be taken for a phone.
func demoDir() (string, error) {
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("tandai-demo-%x", rand.Uint32()))
	return dir, os.Mkdir(dir, 0o700)
}
