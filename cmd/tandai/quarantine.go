package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"tandai/internal/app"
	"tandai/internal/inbox"
)

type quarantineCmd struct {
	List    quarantineListCmd    `cmd:"" help:"The bodies in quarantine, newest first, and why they are there."`
	Dismiss quarantineDismissCmd `cmd:"" help:"Deal with bodies by hand: they count as skipped, and go when other bodies of their age go."`
}

type quarantineListCmd struct {
	Limit int  `help:"How many." default:"50"`
	JSON  bool `help:"One JSON object a line, with the kept body."`
}

func (c *quarantineListCmd) Run(ctx context.Context, g *Globals, o out) error {
	cfg, err := g.load(nil)
	if err != nil {
		return err
	}
	in, err := app.OpenExistingInbox(ctx, cfg, app.NewLog(os.Stderr, cfg.Log))
	if err != nil {
		return err
	}
	defer in.Close()
	held, err := in.Quarantined(ctx, c.Limit)
	if err != nil {
		return err
	}
	enc := json.NewEncoder(o)
	for _, d := range held {
		at := time.UnixMilli(d.ReceivedAt).In(cfg.Timezone.Location())
		if c.JSON {
			err = enc.Encode(map[string]any{"seq": d.Seq, "received_at": d.ReceivedAt, "session": d.SessionName(), "event": d.Event, "reason": d.Reason, "body": string(d.Body)})
		} else {
			_, err = fmt.Fprintf(o, "%d  %s  %s %s\n    %s\n", d.Seq, at.Format("2006-01-02 15:04:05"),
				cmp.Or(d.SessionName(), "-"), cmp.Or(d.Event, "-"), app.Mask(d.Reason))
		}
		if err != nil {
			return err
		}
	}
	if len(held) == 0 && !c.JSON {
		fmt.Fprintln(o, "Nothing is in quarantine.")
	}
	return nil
}

type quarantineDismissCmd struct {
	Seq    []int64 `arg:"" help:"The numbers that list shows."`
	Reason string  `help:"Why, in a word or two; it is counted." required:""`
}

func (c *quarantineDismissCmd) Run(ctx context.Context, g *Globals, o out) error {
	cfg, err := g.load(nil)
	if err != nil {
		return err
	}
	in, err := app.OpenExistingInbox(ctx, cfg, app.NewLog(os.Stderr, cfg.Log))
	if err != nil {
		return err
	}
	defer in.Close()
	for _, seq := range c.Seq {
		err := in.Dismiss(ctx, seq, c.Reason)
		if errors.Is(err, inbox.ErrNotQuarantined) {
			return fmt.Errorf("body %d is not in quarantine; `tandai quarantine list` shows which are", seq)
		}
		if err != nil {
			return fmt.Errorf("body %d: %w", seq, err)
		}
		fmt.Fprintf(o, "%d dismissed\n", seq)
	}
	return nil
}
