package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"tandai/internal/app"
	"tandai/internal/label"
	"tandai/internal/reconcile"
)

type reconcileCmd struct {
	Session      []string       `help:"Only these sessions." placeholder:"NAME"`
	ConfirmAfter *time.Duration `help:"Time between the two reads that must show a difference (default: reconcile.confirm_after, 5m)." placeholder:"DURATION"`
	DryRun       bool           `help:"Read and say what would be recorded; write nothing."`
	JSON         bool           `help:"Print the result as JSON."`
}

func (c *reconcileCmd) Run(ctx context.Context, g *Globals, o out) error {
	cfg, err := g.load(nil)
	if err != nil {
		return err
	}
	opt := app.ReconcileOptions{ConfirmAfter: cfg.Reconcile.ConfirmAfter, DryRun: c.DryRun}
	if c.ConfirmAfter != nil {
		opt.ConfirmAfter = *c.ConfirmAfter
	}
	if opt.ConfirmAfter < 0 || opt.ConfirmAfter > 24*time.Hour {
		return fmt.Errorf("%w: --confirm-after is %s; want a time such as 5m, at most 24h", errUsage, opt.ConfirmAfter)
	}
	p := &reconcileProgress{live: isTerminal(os.Stderr), quiet: c.JSON, after: opt.ConfirmAfter}
	opt.Progress = p.read
	r, err := app.OpenReconcile(ctx, cfg, opt, app.NewLog(os.Stderr, cfg.Log))
	if err != nil {
		return err
	}
	defer r.Close()
	done, err := r.Run(ctx, c.Session, p.waits)
	p.end()
	if err != nil {
		return err
	}
	done.DryRun = c.DryRun
	if c.JSON {
		err = json.NewEncoder(o).Encode(done)
	} else {
		err = printReconciled(o, done)
	}
	if err == nil && !done.Done() && (!c.DryRun || done.Failed > 0) {
		err = errQuiet
	}
	return err
}

// openShown is how many differences that stay open are printed per session.
const openShown = 10

func printReconciled(o out, done app.Reconciled) error {
	var b strings.Builder
	repaired := "repaired"
	if done.DryRun {
		repaired = "would be repaired"
	}
	for _, s := range done.Sessions {
		switch {
		case s.Skipped != "":
			fmt.Fprintf(&b, "%s: not read: %s\n", s.Session, s.Skipped)
			continue
		case s.Error != "" && s.Reads == 0:
			fmt.Fprintf(&b, "%s: not read: %s\n", s.Session, s.Error)
			continue
		}
		fmt.Fprintf(&b, "%s: %s on %s read", s.Session, count(s.Labels, "label"), count(s.Chats, "chat"))
		unread := 0
		for _, d := range s.Open {
			if d.Why == reconcile.Unread {
				unread++
			}
		}
		switch {
		case s.Differences == 0 && unread > 0:
			fmt.Fprintf(&b, "; no difference in them, %s not read", count(unread, "label"))
		case s.Differences == 0 && s.Error != "": // of what was not read to the end nothing is said
		case s.Differences == 0:
			b.WriteString("; no difference")
		default:
			fmt.Fprintf(&b, "; %s: %d %s, %d open", count(s.Differences, "difference"), s.Repaired, repaired, len(s.Open))
			if gone := s.Differences - s.Repaired - len(s.Open) + unread; gone > 0 {
				fmt.Fprintf(&b, ", %d no longer there", gone)
			}
		}
		if s.Engine == "WEBJS" {
			b.WriteString(" (WEBJS tells of no labels: this is the only source)")
		}
		b.WriteString("\n")
		if s.Error != "" {
			fmt.Fprintf(&b, "  not read to the end, nothing is confirmed by that: %s\n", s.Error)
		}
		if s.Hidden != "" {
			fmt.Fprintf(&b, "  hidden ids could not be looked up, run this again: %s\n", s.Hidden)
		}
		for i, d := range s.Open {
			if i == openShown {
				fmt.Fprintf(&b, "  … and %d more; --json lists all\n", len(s.Open)-openShown)
				break
			}
			fmt.Fprintf(&b, "  open: %s\n", openLine(d))
		}
	}
	for _, e := range done.Errors {
		fmt.Fprintf(&b, "%s\n", e)
	}
	switch {
	case len(done.Sessions) == 0 && len(done.Errors) == 0:
		b.WriteString("WAHA has no sessions: nothing to compare\n")
	case done.DryRun:
		fmt.Fprintf(&b, "nothing was written: %s, %d would be repaired, %d open\n", count(done.Differences, "difference"), done.Repaired, done.Open)
	case done.Done():
		fmt.Fprintf(&b, "all agree: %d repaired\n", done.Repaired)
	case done.Agreed():
		fmt.Fprintf(&b, "all agree: %d repaired; hidden ids of %s not looked up\n", done.Repaired, count(done.Hidden, "session"))
	default:
		fmt.Fprintf(&b, "not all agree: %s, %d repaired, %d open, %s not read\n",
			count(done.Differences, "difference"), done.Repaired, done.Open, count(done.Failed, "session"))
	}
	_, err := o.Write([]byte(b.String()))
	return err
}

func openLine(d reconcile.OpenOne) string {
	name := d.Label
	if name == "" {
		name = "label " + d.LabelID
	}
	if d.Why == reconcile.Unread {
		return name + ": WAHA does not tell which chats have it, so nothing is said of it"
	}
	says := "WAHA shows it, the log does not"
	if d.Status == label.Removed {
		says = "the log has it, WAHA does not show it"
	}
	why := map[reconcile.Open]string{
		reconcile.SeenOnce:  "seen once and noted; recorded when the next read shows it again",
		reconcile.Changed:   "a change of it arrived while WAHA was being asked; the next read tells",
		reconcile.Undecided: "WAHA's list lacks it, and WAHA does not confirm that it is gone",
	}[d.Why]
	return fmt.Sprintf("%s on %s: %s: %s", name, app.Mask(d.Lead), says, why)
}

// reconcileProgress tells on stderr how far it is.
type reconcileProgress struct {
	live, quiet bool
	after       time.Duration

	mu   sync.Mutex
	last time.Time
}

func (p *reconcileProgress) read(session string, n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.live && !p.quiet && time.Since(p.last) > 100*time.Millisecond {
		p.last = time.Now()
		fmt.Fprintf(os.Stderr, "\r\x1b[K%s: %s read …", session, count(n, "label"))
	}
}

func (p *reconcileProgress) waits(session string, differences int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.quiet {
		return
	}
	if p.live {
		fmt.Fprint(os.Stderr, "\r\x1b[K")
	}
	fmt.Fprintf(os.Stderr, "%s: %s; read again in %s\n", session, count(differences, "difference"), p.after)
}

func (p *reconcileProgress) end() {
	if p.live && !p.quiet {
		progressEnds(os.Stderr)
	}
}
