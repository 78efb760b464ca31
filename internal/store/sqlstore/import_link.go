package sqlstore

import (
	"cmp"
	"context"
	"database/sql"
	"slices"

	"tandai/internal/label"
	"tandai/internal/store"
)

// An event that both the analysts' old table and WAHA told of is one event. The
// row of the webhook stays; import_links says which imported row it is. Which of
// the two came first does not matter, nor whether the person was known as one then.

// linkKey is what an imported row and a webhook's row of one event agree in.
type linkKey struct {
	lead, label string
	status      label.Status
	at          int64
}

func linkKeyOf(e label.Event) linkKey { return linkKey{e.Lead, e.LabelID, e.Status, e.At} }

// linkImports links the imported rows of touched leads with rows that came by
// webhook after them, or of which it is known only now that they are the same
// person's. The imported row leaves the log; the link and label_event_changes keep
// its id.
func (w *work) linkImports(ctx context.Context, _ []store.Input) error {
	for _, session := range sorted(w.touched) {
		if s := w.sessions[session]; s == nil || s.importedTo == 0 {
			continue
		}
		if err := w.linkLeads(ctx, session, sorted(w.touched[session])); err != nil {
			return err
		}
	}
	return nil
}

func (w *work) linkLeads(ctx context.Context, session string, leads []string) error {
	byLead, _, err := w.readLeads(ctx, w.tx, session, leads)
	if err != nil {
		return err
	}
	imports, webhooks := map[linkKey][]string{}, []label.Event{}
	for _, events := range byLead {
		for _, e := range events {
			if e.Source == label.FromImport {
				imports[linkKeyOf(e)] = append(imports[linkKeyOf(e)], e.ID)
			}
		}
	}
	for _, events := range byLead {
		for _, e := range events {
			if e.Source == label.FromWebhook && len(imports[linkKeyOf(e)]) > 0 {
				webhooks = append(webhooks, e)
			}
		}
	}
	if len(webhooks) == 0 {
		return nil
	}
	taken, err := w.linkedEvents(ctx, w.tx, webhooks)
	if err != nil {
		return err
	}
	slices.SortFunc(webhooks, func(a, b label.Event) int { return cmp.Compare(a.ID, b.ID) })
	var links, kept [][]any
	var gone []string
	now := w.db.now().UnixMilli()
	for _, e := range webhooks {
		ids := imports[linkKeyOf(e)]
		if len(ids) == 0 || taken[e.ID] {
			continue
		}
		slices.Sort(ids)
		links = append(links, []any{ids[0], e.ID, session, now})
		kept = append(kept, []any{ids[0], now, "event_id", ids[0], e.ID, "import"})
		gone = append(gone, ids[0])
		imports[linkKeyOf(e)] = ids[1:]
	}
	if err := w.db.insert(ctx, w.tx, "import_links.insert", links); err != nil {
		return err
	}
	if err := w.db.insert(ctx, w.tx, "label_event_changes.insert", kept); err != nil {
		return err
	}
	return w.db.execList(ctx, w.tx, "label_events.remove_import", nil, gone)
}

// linkedEvents are those of some rows that an imported row is linked to already.
func (w *work) linkedEvents(ctx context.Context, q querier, events []label.Event) (map[string]bool, error) {
	ids := make([]string, len(events))
	for i, e := range events {
		ids[i] = e.ID
	}
	return w.db.listed(ctx, q, "import_links.taken", ids)
}

// listed runs a statement with a list mark for all values, in pieces, and returns
// the first column as a set.
func (db *DB) listed(ctx context.Context, q querier, name string, values []string) (map[string]bool, error) {
	found := map[string]bool{}
	for part := range slices.Chunk(values, listSize) {
		args := make([]any, len(part))
		for i, v := range part {
			args[i] = v
		}
		err := each(ctx, q, list(db.q[name], len(part)), args, func(r *sql.Rows) error {
			var v string
			err := r.Scan(&v)
			found[v] = true
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}
