// Command tandai-bench measures Tandai against the machine it runs on and writes
// the result to docs/benchmarks.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"time"

	"tandai/internal/bench"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "tandai-bench:", err)
		os.Exit(1)
	}
}

func run() error {
	only := flag.String("only", "", "comma-separated groups: intake, record, active, adopt, steady, relay")
	engine := flag.String("engine", "", "MariaDB or SQLite instead of both")
	steady := flag.Duration("steady", 5*time.Minute, "length of each steady run")
	events := flag.Int("events", 1_000_000, "rows of the large log")
	relay := flag.Int("relay", 200_000, "events that are relayed")
	out := flag.String("out", "docs/benchmarks.md", "file to write; - for none")
	profile := flag.String("cpuprofile", "", "write a CPU profile of this process to a file")
	flag.Parse()
	if *profile != "" {
		f, err := os.Create(*profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	dir, err := os.MkdirTemp("", "tandai-bench-bin-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "tandai")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-o", binary, "./cmd/tandai")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("build tandai: %w", err)
	}
	opt := bench.Options{Binary: binary, Steady: *steady, Events: *events, Relay: *relay, Engine: *engine, Only: map[string]bool{}, Log: os.Stderr}
	for g := range strings.SplitSeq(*only, ",") {
		if g != "" {
			opt.Only[g] = true
		}
	}
	sections, err := bench.Run(ctx, opt)
	if *out == "-" {
		return err
	}
	return errors.Join(err, bench.Write(*out, sections))
}
