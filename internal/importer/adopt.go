package importer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"tandai/internal/label"
	"tandai/internal/store"
)

// Errors of Adopt and Undo: none of them has changed a name.
var (
	ErrWritten    = errors.New("the table is still being written")
	ErrMissing    = errors.New("the view would lack rows that the table has")
	ErrInTheWay   = errors.New("the name for the old table is taken")
	ErrHasAnother = errors.New("has taken the place of another table already")
	ErrNotAdopted = errors.New("was not adopted")
)

// stillness is how long a table must stay as it is before it is taken for finished.
const stillness = 3 * time.Second

// AdoptConfig says which table is exchanged with the view of which session.
type AdoptConfig struct {
	Store         store.Importing
	Table         store.Table
	Session       string
	Zone          *time.Location
	AcceptMissing bool // go on although the view lacks rows of the table that could be read
	Show          int  // differences of each kind kept; 0 = 20
	// CatchUp copies what was written to the table, now under this name, between
	// the last look and the exchange.
	CatchUp func(ctx context.Context, table store.Table) error
	Wait    func(ctx context.Context, d time.Duration) error // nil = by the clock
	Now     func() time.Time
}

// AdoptResult says what was done.
type AdoptResult struct {
	View       string     `json:"view"`
	Before     string     `json:"before"`
	Already    bool       `json:"already"` // nothing was to be done
	Comparison Comparison `json:"comparison"`
	CaughtUp   bool       `json:"caught_up"` // rows came in at the last moment, and were copied
}

// BeforeName is the name of a table after its adoption.
func BeforeName(table string) string {
	return table[:min(len(table), 64-len(store.BeforeSuffix))] + store.BeforeSuffix
}

// Adopt puts the session's view in the place of the table. Nothing but the view
// under a temporary name is made before all checks have passed.
func Adopt(ctx context.Context, cfg AdoptConfig) (AdoptResult, error) {
	a := store.Adoption{Session: cfg.Session, View: cfg.Table.Name, Before: BeforeName(cfg.Table.Name)}
	result := AdoptResult{View: a.View, Before: a.Before}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Wait == nil {
		cfg.Wait = wait
	}
	if cfg.Show == 0 {
		cfg.Show = 20
	}
	if err := FreeToAdopt(ctx, cfg.Store, cfg.Table); err != nil {
		return result, err
	}
	if err := FreeForAdoption(ctx, cfg.Store, cfg.Session); err != nil {
		return result, err
	}
	started := cfg.Now()
	first, err := cfg.Store.StampTable(ctx, cfg.Table)
	if err != nil {
		return result, err
	}
	if err := cfg.Store.PrepareAdoption(ctx, a, cfg.Table); err != nil {
		return result, err
	}
	give := func(why error) (AdoptResult, error) {
		return result, errors.Join(why, cfg.Store.DropPrepared(context.WithoutCancel(ctx), a))
	}
	view, found, err := cfg.Store.ForeignTable(ctx, cfg.Store.TemporaryView(a))
	if err != nil || !found {
		return give(errors.Join(err, fmt.Errorf("the view %s is not there", cfg.Store.TemporaryView(a))))
	}
	result.Comparison, err = Compare(ctx, Side{cfg.Store, cfg.Table}, Side{cfg.Store, view}, cfg.Zone, Show{cfg.Show, cfg.Show})
	if err != nil {
		return give(err)
	}
	if rest := stillness - cfg.Now().Sub(started); rest > 0 {
		if err := cfg.Wait(ctx, rest); err != nil {
			return give(err)
		}
	}
	last, err := cfg.Store.StampTable(ctx, cfg.Table)
	if err != nil {
		return give(err)
	}
	if first != last {
		return give(fmt.Errorf("%w: %d rows, and %d some seconds later: stop the workflow that writes %s, then try again", ErrWritten, first.Rows, last.Rows, a.View))
	}
	// Rows that nobody can read were listed by the import, and stay in the old table:
	// nothing that is done later would bring them in, so they are no reason to wait.
	if n := result.Comparison.OnlyTable - result.Comparison.Unreadable; n > 0 && !cfg.AcceptMissing {
		return give(fmt.Errorf("%w (%d of them, listed above): look into why, or accept that with --accept-missing; they stay in %s",
			ErrMissing, n, a.Before))
	}
	if err := cfg.Store.Adopt(ctx, a); err != nil {
		return give(err)
	}
	before := cfg.Table
	before.Name = a.Before
	if now, err := cfg.Store.StampTable(ctx, before); err != nil || now == last {
		return result, err
	}
	result.CaughtUp = true
	if cfg.CatchUp == nil {
		return result, nil
	}
	return result, cfg.CatchUp(ctx, before)
}

// FreeToAdopt checks that the old table can have its new name.
func FreeToAdopt(ctx context.Context, s store.Foreign, t store.Table) error {
	_, taken, err := s.ForeignTable(ctx, BeforeName(t.Name))
	if err == nil && taken {
		err = fmt.Errorf("%w: there is a %s in the database already, from an earlier adoption; rename or remove it", ErrInTheWay, BeforeName(t.Name))
	}
	return err
}

// FreeForAdoption checks that the session's view has not taken a table's place yet.
func FreeForAdoption(ctx context.Context, s store.Adopting, session string) error {
	have, found, err := s.Adoption(ctx, session)
	if err == nil && found && have.State == store.AdoptionAdopted {
		err = fmt.Errorf("session %s %w (%s): undo that first", session, ErrHasAnother, have.View)
	}
	return err
}

// CompareAdopted compares an adopted view with the old table, and says by which id
// the log knows the rows that only the view has.
func CompareAdopted(ctx context.Context, s store.Importing, a store.Adoption, zone *time.Location, show Show) (Comparison, error) {
	var sides [2]Side
	for i, name := range []string{a.Before, a.View} {
		t, found, err := s.ForeignTable(ctx, name)
		if err != nil {
			return Comparison{}, err
		}
		if !found {
			return Comparison{}, fmt.Errorf("%s is not in the database", name)
		}
		sides[i] = Side{s, t}
	}
	c, err := Compare(ctx, sides[0], sides[1], zone, show)
	if err != nil {
		return c, err
	}
	return c, identify(ctx, s, a.Session, c.First)
}

// identify names the events of rows that only the view has. Of events that are
// alike in all that both sides tell, those that came from the table are not meant.
func identify(ctx context.Context, s store.Importing, session string, found []RowDifference) error {
	wanted := map[string][]*RowDifference{}
	moments := map[int64]bool{}
	for i, d := range found {
		if d.Table != nil || d.View == nil {
			continue
		}
		at, err := strconv.ParseInt(d.View[store.ColumnAt], 10, 64)
		if err != nil {
			return fmt.Errorf("a time of the log: %w", err)
		}
		moments[at] = true
		k := exactly(d.View)
		wanted[k] = append(wanted[k], &found[i])
	}
	events := map[string][]store.LogRow{}
	err := s.LogAt(ctx, session, slices.Sorted(maps.Keys(moments)), func(r store.LogRow) error {
		k := exactly(&[7]string{strconv.FormatInt(r.At, 10), "", "", r.Lead, r.LabelID, "", r.Status})
		if wanted[k] != nil {
			events[k] = append(events[k], r)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for k, all := range events {
		slices.SortFunc(all, func(a, b store.LogRow) int {
			return cmp.Or(boolOrder(a.Source == string(label.FromImport), b.Source == string(label.FromImport)), cmp.Compare(a.EventID, b.EventID))
		})
		for i, d := range wanted[k][:min(len(wanted[k]), len(all))] {
			d.EventID, d.Source = all[i].EventID, all[i].Source
		}
	}
	return nil
}

// exactly is event, but to the millisecond.
func exactly(r *[7]string) string { return r[store.ColumnAt] + "\x00" + event(r) }

func boolOrder(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
