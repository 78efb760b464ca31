package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"tandai/internal/config"
	"tandai/internal/importer"
	"tandai/internal/label"
	"tandai/internal/shadow"
	"tandai/internal/store"
)

// ErrWhichTable: nothing says which table is compared.
var ErrWhichTable = errors.New("which table? Name it with --table")

// ShadowRequest narrows a comparison of an n8n table with the log.
type ShadowRequest struct {
	TableRequest
	Since, Until int64 // Unix ms, [Since, Until); 0 = open
	Show         int   // findings kept of each kind
	Now          time.Time
}

// Shadow compares an n8n table with what Tandai recorded, per day of the client.
// The table is read once and its rows of the time asked for are kept, in short
// form; the log is streamed.
func Shadow(ctx context.Context, cfg *config.Config, want ShadowRequest) (report shadow.Report, err error) {
	want.Write = false
	if want.Name == "" {
		if want.Name, err = onlyTable(ctx, cfg, want.Session); err != nil {
			return report, err
		}
	}
	t, err := OpenForeign(ctx, cfg, want.TableRequest)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, t.Close()) }()
	if t.Fresh {
		return report, checkSchema(ctx, t.Store)
	}
	sessions, err := t.Store.SessionList(ctx)
	if err != nil {
		return report, err
	}
	i := slices.IndexFunc(sessions, func(s store.SessionInfo) bool { return s.Session == t.Session })
	if i < 0 {
		return report, CheckSessions(ctx, t.Store, []string{t.Session})
	}
	zone, err := time.LoadLocation(sessions[i].Zone)
	if err != nil {
		return report, err
	}
	collector := shadow.NewCollector(shadow.Report{
		Table: t.Name, Session: t.Session, Client: sessions[i].Client, Zone: zone.String(), MadeAt: want.Now.UnixMilli(),
		Since: want.Since, Until: want.Until,
	}, want.Show)
	there, err := t.readDays(ctx, collector, zone, want.Since, want.Until)
	if err != nil {
		return report, err
	}
	if err := t.compareDays(ctx, collector, there, zone, want.Since, want.Until); err != nil {
		return report, err
	}
	return collector.Report(), nil
}

// readDays reads the table's rows by day.
func (t *ForeignTable) readDays(ctx context.Context, c *shadow.Collector, zone *time.Location, since, until int64) (map[string][]shadow.Row, error) {
	days, texts := map[string][]shadow.Row{}, map[string]string{}
	one := func(s string) string { // the same few names in a million rows
		if have, ok := texts[s]; ok {
			return have
		}
		texts[s] = s
		return s
	}
	n := importer.NormaliserFor(t.Table, zone)
	err := t.From.ReadTable(ctx, t.Table, store.AsItComes, func(row *[7]store.Cell) error {
		normal, reason := n.Normalise(row)
		if reason != "" {
			c.Unreadable(reason)
			return nil
		}
		if normal.At < since || (until != 0 && normal.At >= until) {
			return nil
		}
		day := label.Day(normal.At, zone)
		days[day] = append(days[day], shadow.Row{
			At: normal.At, Precision: normal.Precision, Lead: one(strings.TrimSuffix(normal.ChatID, "@c.us")), LabelID: one(normal.LabelID),
			Status: one(string(normal.Status)), Client: one(normal.Client), CS: one(normal.CS), LabelName: one(normal.LabelName),
		})
		return nil
	})
	return days, err
}

// compareDays streams the log and compares each day as it ends. Rows that a
// deletion of a label left in the log are not events, and n8n knows nothing of them.
func (t *ForeignTable) compareDays(ctx context.Context, c *shadow.Collector, there map[string][]shadow.Row, zone *time.Location, since, until int64) error {
	if err := t.phones(ctx, there); err != nil {
		return err
	}
	var day string
	var here []shadow.Row
	finish := func() {
		if day != "" {
			c.Day(day, here, there[day])
			delete(there, day)
			here = here[:0:0]
		}
	}
	err := t.Store.Export(ctx, store.ExportFilter{Session: t.Session, Since: since, Until: until}, func(r store.LogRow) error {
		if label.Source(r.Source) == label.FromLabelDeleted {
			return nil
		}
		if d := label.Day(r.At, zone); d != day {
			finish()
			day = d
		}
		here = append(here, shadow.Row{
			At: r.At, Lead: r.Lead, LabelID: r.LabelID, Status: r.Status, Client: r.Client, CS: r.CS, LabelName: r.LabelName, Source: r.Source,
		})
		return nil
	})
	if err != nil {
		return err
	}
	finish()
	for day, rows := range there {
		c.Day(day, nil, rows)
	}
	return ctx.Err()
}

// phones gives the hidden ids of the table the phones that are known by now, as the
// log has them.
func (t *ForeignTable) phones(ctx context.Context, there map[string][]shadow.Row) error {
	hidden := map[string]bool{}
	for _, rows := range there {
		for _, r := range rows {
			if strings.HasSuffix(r.Lead, "@lid") {
				hidden[r.Lead] = true
			}
		}
	}
	known := map[string]string{}
	all := make([]string, 0, len(hidden))
	for h := range hidden {
		all = append(all, h)
	}
	for part := range slices.Chunk(all, 500) {
		phones, err := t.Store.Phones(ctx, t.Session, part)
		if err != nil {
			return err
		}
		for h, phone := range phones {
			known[h] = phone
		}
	}
	for _, rows := range there {
		for i, r := range rows {
			if phone, ok := known[r.Lead]; ok {
				rows[i].Lead = phone
			}
		}
	}
	return nil
}

// onlyTable is the one table that stands where a session's view would.
func onlyTable(ctx context.Context, cfg *config.Config, session string) (string, error) {
	db, err := OpenExisting(ctx, cfg)
	if err != nil {
		return "", err
	}
	defer db.Close()
	s := db.(ImportStore)
	sessions, err := s.SessionList(ctx)
	if err != nil {
		return "", err
	}
	var names []string
	for _, info := range sessions {
		if session != "" && info.Session != session {
			continue
		}
		name := info.View
		if name == "" {
			name = viewNameOf(cfg, info.Session)
		} else if a, found, err := s.Adoption(ctx, info.Session); err != nil {
			return "", err
		} else if !found || a.State != store.AdoptionAdopted {
			continue // our own view, and no table behind it
		}
		if _, there, err := s.ForeignTable(ctx, name); err != nil {
			return "", err
		} else if there {
			names = append(names, name)
		}
	}
	switch len(names) {
	case 0:
		return "", fmt.Errorf("%w: no table stands under the name of a session's view", ErrWhichTable)
	case 1:
		return names[0], nil
	}
	return "", fmt.Errorf("%w; there are %s", ErrWhichTable, strings.Join(names, ", "))
}
