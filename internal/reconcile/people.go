package reconcile

import (
	"context"
	"errors"
	"maps"
	"slices"

	"tandai/internal/lead"
	"tandai/internal/store"
	"tandai/internal/waha/rest"
)

// handful of hidden ids is looked up one by one; more, all at once.
const handful = 20

// stumbles is how many look-ups in a row may fail before the others are let be: it
// may be that one, or WAHA.
const stumbles = 3

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
	phones, err := g.lookUp(ctx, hidden)
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if err != nil { // they are looked up by others, or when the command ends
		g.cfg.Log.WarnContext(ctx, "a hidden id could not be looked up", "session", g.t.Name, "err", err)
	}
	maps.Copy(g.look.People, phones)
	if len(phones) == 0 || g.cfg.DryRun {
		return len(phones) > 0, nil
	}
	return true, g.know(ctx, phones, g.look.Labels.At)
}

// lookUp asks for the phones behind hidden ids. It returns those it found, though
// others could not be asked for: err is why.
func (g *reading) lookUp(ctx context.Context, hidden []string) (lead.Identities, error) {
	said := lead.Identities{}
	alone, most := 0, 100*handful
	if len(hidden) > handful {
		if err := g.allPhones(ctx, said); err == nil {
			most = 10 * handful // the rest is most likely not known to WAHA
		}
	}
	var failed error
	row := 0
	for _, h := range hidden {
		if ctx.Err() != nil || row == stumbles {
			break
		}
		if said[h] != "" || alone >= most {
			continue
		}
		alone++
		var phone string
		err := g.again(ctx, func() (err error) {
			phone, err = g.t.Server.WAHA.Lid(ctx, g.t.WAHA, h)
			return err
		})
		switch {
		case err == nil:
			said[h], row = phone, 0
		case !isRefusal(err):
			failed = err
			row++
		}
	}
	phones := lead.Identities{}
	for _, h := range hidden {
		if phone := said[h]; phone != "" && lead.OfChat(phone+"@c.us") == phone && len(phone) <= 32 {
			phones[h] = phone
		}
	}
	return phones, failed
}

// know records whose hidden ids are.
func (g *reading) know(ctx context.Context, phones lead.Identities, at int64) error {
	var in []store.Input
	for _, h := range slices.Sorted(maps.Keys(phones)) {
		in = append(in, store.Input{Session: g.t.Name, At: at, Pair: &lead.Pair{Hidden: h, Phone: phones[h], FirstAt: at, LastAt: at}})
	}
	return g.write(ctx, in)
}

func (g *reading) allPhones(ctx context.Context, phones lead.Identities) error {
	ask := func(limit, offset int) (pairs []rest.LidPair, err error) {
		err = g.again(ctx, func() (err error) {
			pairs, err = g.t.Server.WAHA.Lids(ctx, g.t.WAHA, limit, offset)
			return err
		})
		return pairs, err
	}
	return rest.EachLid(ask, func(pairs []rest.LidPair) error {
		for _, p := range pairs {
			if p.Phone != "" {
				phones[p.Hidden] = p.Phone
			}
		}
		return nil
	})
}

// FillIn looks up the phones behind the hidden ids of a session's rows that came
// from comparing, and that nobody has told since. It is for commands, which end;
// `tandai serve` looks them up by itself. The error says why some could not be
// asked for; an id that WAHA does not know is none.
func (r *Reader) FillIn(ctx context.Context, t Target) error {
	if r.cfg.DryRun {
		return nil
	}
	hidden, err := r.cfg.Store.HiddenRepaired(ctx, t.Name)
	if err != nil || len(hidden) == 0 {
		return err
	}
	g := &reading{Reader: r, t: t}
	at := r.cfg.Now().UnixMilli()
	phones, failed := g.lookUp(ctx, hidden)
	if err := g.know(ctx, phones, at); err != nil {
		return err
	}
	return failed
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
