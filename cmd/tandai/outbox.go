package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"tandai/internal/app"
	"tandai/internal/config"
	"tandai/internal/store"
)

type outboxCmd struct {
	List      outboxListCmd      `cmd:"" help:"What waits for each destination, and the dead letters: deliveries that were given up."`
	Redeliver outboxRedeliverCmd `cmd:"" help:"Try deliveries again, as if for the first time. serve sends them."`
	Drop      outboxDropCmd      `cmd:"" help:"Forget what waits or was given up for a destination: one that is gone for good."`
}

type outboxListCmd struct {
	Destination string `help:"Only this one's." placeholder:"NAME"`
	Waiting     bool   `help:"List what waits instead of dead letters."`
	Limit       int    `help:"How many deliveries." default:"50"`
	JSON        bool   `help:"One JSON object: destinations and deliveries, with the last attempt of each."`
}

func (c *outboxListCmd) Run(ctx context.Context, g *Globals, o out) error {
	if c.Limit < 1 {
		return fmt.Errorf("%w: --limit is %d; want 1 or more", errUsage, c.Limit)
	}
	cfg, outbox, done, err := openOutbox(ctx, g, c.Destination)
	if err != nil {
		return err
	}
	defer done()
	counts, err := outbox.OutboxCounts(ctx)
	if err != nil {
		return err
	}
	f := store.LetterFilter{Destination: c.Destination, State: store.DeliveryDead, Limit: c.Limit}
	if c.Waiting {
		f.State = store.DeliveryWaiting
	}
	letters, err := outbox.Letters(ctx, f)
	if err != nil {
		return err
	}
	if c.Destination != "" {
		counts = slices.DeleteFunc(counts, func(d store.DestinationCount) bool { return d.Name != c.Destination })
	}
	if c.JSON {
		return json.NewEncoder(o).Encode(map[string]any{"destinations": destinationsJSON(cfg, counts), "deliveries": append([]store.Letter{}, letters...)})
	}
	return c.print(cfg, o, counts, letters)
}

func (c *outboxListCmd) print(cfg *config.Config, o out, counts []store.DestinationCount, letters []store.Letter) error {
	at := func(ms int64) string {
		return time.UnixMilli(ms).In(cfg.Timezone.Location()).Format("2006-01-02 15:04:05")
	}
	if len(counts) == 0 {
		_, err := fmt.Fprintln(o, "Nothing was ever to be sent. Destinations are configured as relay.destinations.")
		return err
	}
	for _, d := range counts {
		text := fmt.Sprintf("%s: %d wait, %s", d.Name, d.Waiting, count(int(d.Dead), "dead letter"))
		if d.OldestAt != 0 {
			text += ", the oldest that waits since " + at(d.OldestAt)
		}
		if d.OpenedAt != 0 {
			text += fmt.Sprintf("; only fails since %s (%s), tried again at %s", at(d.OpenedAt), app.Mask(d.LastError), at(d.OpenUntil))
		}
		if !d.URL && !configured(cfg, d.Name) {
			text += "; not configured any more: what waits will not be sent"
		}
		if _, err := fmt.Fprintln(o, text); err != nil {
			return err
		}
	}
	for _, l := range letters {
		why := "not tried yet"
		if l.Last != nil {
			why = l.Last.Error
			if l.Last.Answer != "" {
				why += ": " + l.Last.Answer
			}
		}
		_, err := fmt.Fprintf(o, "%d  %s  %s  %s %s, %s\n    %s\n", l.Seq, at(l.CreatedAt), l.Destination, cmp.Or(l.Session, "-"), l.Event,
			count(l.Attempts, "attempt"), app.Mask(why))
		if err != nil {
			return err
		}
	}
	return nil
}

func configured(cfg *config.Config, name string) bool {
	return slices.ContainsFunc(cfg.Relay.Destinations, func(d config.Destination) bool { return d.Name == name })
}

type destinationJSON struct {
	Name       string `json:"name"`
	Configured bool   `json:"configured"`
	Waiting    int64  `json:"waiting"`
	OldestAt   int64  `json:"oldest_at"`
	Dead       int64  `json:"dead"`
	OpenedAt   int64  `json:"breaker_opened_at"`
	LastError  string `json:"last_error"`
}

func destinationsJSON(cfg *config.Config, counts []store.DestinationCount) []destinationJSON {
	all := []destinationJSON{}
	for _, d := range counts {
		all = append(all, destinationJSON{d.Name, configured(cfg, d.Name), d.Waiting, d.OldestAt, d.Dead, d.OpenedAt, d.LastError})
	}
	return all
}

type outboxRedeliverCmd struct {
	Delivery    []int64 `arg:"" optional:"" help:"The numbers that list shows."`
	Destination string  `help:"All dead letters of this destination." placeholder:"NAME"`
	All         bool    `help:"All dead letters."`
	Waiting     bool    `help:"What waits for its next attempt too."`
	Yes         bool    `help:"Do it. Without this, redelivery of more than what is named by number is only counted."`
	JSON        bool    `help:"Print the result as JSON."`
}

func (c *outboxRedeliverCmd) Run(ctx context.Context, g *Globals, o out) error {
	ways := 0
	for _, given := range []bool{len(c.Delivery) > 0, c.Destination != "", c.All} {
		if given {
			ways++
		}
	}
	if ways != 1 {
		return fmt.Errorf("%w: say which: numbers that `tandai outbox list` shows, --destination NAME, or --all", errUsage)
	}
	_, outbox, done, err := openOutbox(ctx, g, c.Destination)
	if err != nil {
		return err
	}
	defer done()
	if len(c.Delivery) > 0 {
		if err := known(ctx, outbox, c.Delivery); err != nil {
			return err
		}
	}
	states := []store.DeliveryState{store.DeliveryDead}
	if c.Waiting && len(c.Delivery) == 0 {
		states = append(states, store.DeliveryWaiting)
	}
	would := int64(len(c.Delivery))
	if len(c.Delivery) == 0 {
		if would, err = held(ctx, outbox, c.Destination, c.Waiting); err != nil {
			return err
		}
	}
	dry := len(c.Delivery) == 0 && !c.Yes
	n := 0
	for _, state := range states {
		if dry {
			break
		}
		some, err := outbox.Redeliver(ctx, store.LetterFilter{Seqs: c.Delivery, Destination: c.Destination, State: state}, time.Now().UnixMilli())
		if n += some; err != nil {
			return err
		}
	}
	return told(o, c.JSON, dry, would, n, "sent again")
}

type outboxDropCmd struct {
	Destination string `help:"Whose deliveries." required:"" placeholder:"NAME"`
	Yes         bool   `help:"Do it. Without this they are only counted."`
	JSON        bool   `help:"Print the result as JSON."`
}

func (c *outboxDropCmd) Run(ctx context.Context, g *Globals, o out) error {
	_, outbox, done, err := openOutbox(ctx, g, c.Destination)
	if err != nil {
		return err
	}
	defer done()
	would, err := held(ctx, outbox, c.Destination, true)
	if err != nil {
		return err
	}
	n := 0
	if c.Yes {
		if n, err = outbox.DropDeliveries(ctx, c.Destination); err != nil {
			return err
		}
	}
	return told(o, c.JSON, !c.Yes, would, n, "forgotten")
}

// told says what was done, or would be.
func told(o out, asJSON, dry bool, would int64, n int, what string) error {
	if asJSON {
		return json.NewEncoder(o).Encode(map[string]any{"dry_run": dry, "would": would, "deliveries": n})
	}
	if dry {
		_, err := fmt.Fprintf(o, "%s would be %s; nothing was done. --yes does it\n", deliveries(int(would)), what)
		return err
	}
	_, err := fmt.Fprintf(o, "%s %s\n", deliveries(n), map[bool]string{true: "will be " + what, false: what}[what == "sent again"])
	return err
}

func deliveries(n int) string { return count(n, "delivery") }

// known fails for numbers of no delivery, and of such that have been made.
func known(ctx context.Context, outbox store.Outbox, seqs []int64) error {
	letters, err := outbox.Letters(ctx, store.LetterFilter{Seqs: seqs})
	if err != nil {
		return err
	}
	for _, seq := range seqs {
		i := slices.IndexFunc(letters, func(l store.Letter) bool { return l.Seq == seq })
		switch {
		case i < 0:
			return fmt.Errorf("no delivery has the number %d; `tandai outbox list` shows those that were given up", seq)
		case letters[i].State == store.DeliveryDone:
			return fmt.Errorf("delivery %d has been made; it would be sent twice", seq)
		}
	}
	return nil
}

// held is how many deliveries of a destination, or of all, are dead, and with
// waiting those that wait too.
func held(ctx context.Context, outbox store.Outbox, destination string, waiting bool) (int64, error) {
	counts, err := outbox.OutboxCounts(ctx)
	var n int64
	for _, d := range counts {
		if destination != "" && d.Name != destination {
			continue
		}
		if n += d.Dead; waiting {
			n += d.Waiting
		}
	}
	return n, err
}

// openOutbox opens the database's outbox, and checks that it knows a destination.
func openOutbox(ctx context.Context, g *Globals, destination string) (*config.Config, store.Outbox, func(), error) {
	cfg, err := g.load(nil)
	if err != nil {
		return nil, nil, nil, err
	}
	db, err := app.OpenExisting(ctx, cfg)
	if err != nil {
		return nil, nil, nil, err
	}
	done := func() { _ = db.Close() } // nothing is left to be written
	outbox, ok := db.(store.Outbox)
	if !ok {
		done()
		return nil, nil, nil, fmt.Errorf("this database has no outbox")
	}
	if destination == "" {
		return cfg, outbox, done, nil
	}
	counts, err := outbox.OutboxCounts(ctx)
	if err == nil && !slices.ContainsFunc(counts, func(d store.DestinationCount) bool { return d.Name == destination }) {
		var names []string
		for _, d := range counts {
			names = append(names, d.Name)
		}
		err = fmt.Errorf("nothing was ever to be sent to %q; there is %s", destination, cmp.Or(strings.Join(names, ", "), "no destination"))
	}
	if err != nil {
		done()
		return nil, nil, nil, err
	}
	return cfg, outbox, done, nil
}
