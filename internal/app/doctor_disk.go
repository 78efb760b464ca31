package app

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"time"
)

func (d *doctor) folder() {
	const do = "Give the folder to the user that runs Tandai, or name another with --data-dir."
	info, err := os.Stat(d.cfg.DataDir)
	if errors.Is(err, os.ErrNotExist) {
		d.add("data folder", Skipped, "", "%s is not there yet: `tandai serve` makes it", d.cfg.DataDir)
		return
	}
	if err != nil {
		d.add("data folder", Failed, do, "%v", err)
		return
	}
	if !info.IsDir() {
		d.add("data folder", Failed, do, "%s is not a folder", d.cfg.DataDir)
		return
	}
	probe, err := os.CreateTemp(d.cfg.DataDir, ".doctor-*")
	if err != nil {
		var path *fs.PathError
		if errors.As(err, &path) {
			err = path.Err // the name of the probe says nothing to anybody
		}
		d.add("data folder", Failed, do, "%s cannot be written: %v", d.cfg.DataDir, err)
		return
	}
	_, err = probe.Write(make([]byte, 4096))
	if err == nil {
		err = probe.Sync()
	}
	if err = errors.Join(err, probe.Close(), os.Remove(probe.Name())); err != nil {
		d.add("data folder", Failed, "Make room on the disk.", "%s cannot be written: %v", d.cfg.DataDir, err)
		return
	}
	if info.Mode().Perm()&0o007 != 0 {
		d.add("data folder", Warning, "chmod 700 "+d.cfg.DataDir, "%s can be read by every user of this machine (%v)", d.cfg.DataDir, info.Mode().Perm())
		return
	}
	d.add("data folder", OK, "", "%s can be written", d.cfg.DataDir)
}

func (d *doctor) inbox(ctx context.Context) {
	path := InboxPath(d.cfg)
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		d.add("inbox", Skipped, "", "%s is not there yet: nothing was received", path)
		return
	}
	b, err := OpenInbox(ctx, d.cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		d.add("inbox", Failed, "While it cannot be opened every webhook is answered 503. A damaged file: move it aside, do not delete it, and start again.", "%s: %v", path, err)
		return
	}
	defer b.Close()
	if err := b.Health(ctx); err != nil {
		d.add("inbox", Failed, "Make room: webhooks are answered 503 until there is.", "nothing can be accepted: %v", err)
	}
	s, err := b.Stats(ctx)
	if err != nil {
		d.add("inbox", Failed, "", "%s cannot be read: %v", path, err)
		return
	}
	d.add("inbox", OK, "", "%d received, %d recorded, %d skipped, %d waiting, %d in quarantine; %.1f MiB used, %.0f MiB free on its disk",
		s.Received, s.Done, s.SkippedTotal(), s.Waiting, s.Quarantined, mib(s.Space.UsedBytes), mib(s.Space.FreeBytes))
	if s.OldestWaitingAge > time.Minute {
		d.add("inbox", Warning, "Is `tandai serve` running, and is the database there (see below)?", "waiting to be recorded: %d, the oldest for %s", s.Waiting, s.OldestWaitingAge.Round(time.Second))
	}
	if s.Quarantined > 0 {
		d.add("inbox", Warning, "`tandai quarantine list` shows why, and so does the page; after a fix: `tandai replay --quarantined`", "in quarantine: %d", s.Quarantined)
	}
}

func mib(n int64) float64 { return float64(n) / (1 << 20) }
