package reconcile

import (
	"context"
	"errors"
	"slices"

	"tandai/internal/lead"
	"tandai/internal/store"
	"tandai/internal/waha/rest"
)

// A handful of hidden ids is looked up one by one; more, all at once.
const (
	handful  = 20
	lidsPage = 500
	lidPages = 400
)

// people looks up the phones behind hidden ids that differ: WAHA may show somebody
// by a hidden id whom the log knows by phone, or the other way round, and then
// nothing differs. What is found is recorded, and the log compared anew. What
// cannot be looked up stays hidden.
func (g *reading) people(ctx context.Context, found Comparison) (learned bool, err error) {
	var hidden []string
	for _, list := range [][]Difference{found.Differences, found.Unsure} {
		for _, d := range list {
			if lead.IsHidden(d.Lead) && !g.asked[d.Lead] {
				g.asked[d.Lead] = true
				hidden = append(hidden, d.Lead)
			}
		}
	}
	if len(hidden) == 0 {
		return false, nil
	}
	phones := lead.Identities{}
	alone, most := 0, 100*handful
	if len(hidden) > handful {
		err := g.allPhones(ctx, phones)
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		if err == nil {
			most = 10 * handful // the rest is most likely not known to WAHA
		}
	}
	for _, h := range hidden {
		if phones[h] != "" || alone >= most {
			continue
		}
		alone++
		phone, err := g.t.Server.WAHA.Lid(ctx, g.t.WAHA, h)
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		if err == nil && phone != "" {
			phones[h] = phone
		}
		if err != nil && !isRefusal(err) {
			g.cfg.Log.WarnContext(ctx, "a hidden id could not be looked up", "session", g.t.Name, "err", err)
			break
		}
	}
	var in []store.Input
	for _, h := range hidden {
		phone := phones[h]
		if lead.OfChat(phone+"@c.us") != phone || len(phone) > 32 || phone == "" {
			continue
		}
		learned = true
		g.look.People[h] = phone
		at := g.look.Labels.At
		in = append(in, store.Input{Session: g.t.Name, At: at, Pair: &lead.Pair{Hidden: h, Phone: phone, FirstAt: at, LastAt: at}})
	}
	if !learned || g.cfg.DryRun {
		return learned, nil
	}
	return true, g.write(ctx, in)
}

func (g *reading) allPhones(ctx context.Context, phones lead.Identities) error {
	for page := range lidPages {
		pairs, err := g.t.Server.WAHA.Lids(ctx, g.t.WAHA, lidsPage, page*lidsPage)
		if err != nil {
			return err
		}
		for _, p := range pairs {
			if p.Phone != "" {
				phones[p.Hidden] = p.Phone
			}
		}
		if len(pairs) < lidsPage {
			return nil
		}
	}
	return nil
}

// write records inputs, as many at a time as one transaction should take.
func (g *reading) write(ctx context.Context, in []store.Input) error {
	const most = 2000
	for part := range slices.Chunk(in, most) {
		done, err := g.cfg.Store.Record(ctx, part)
		if err != nil {
			return err
		}
		if len(done.Sessions) > 0 {
			if _, err := g.cfg.Store.EnsureViews(ctx); err != nil { // the next start makes them
				g.cfg.Log.WarnContext(ctx, "views of sessions could not be made", "err", err)
			}
		}
	}
	return nil
}

func isNotFound(err error) bool { return errors.Is(err, rest.ErrNotFound) }

// isRefusal is an answer that says no to this question, and nothing of others.
func isRefusal(err error) bool { return isNotFound(err) || errors.Is(err, rest.ErrInvalid) }
