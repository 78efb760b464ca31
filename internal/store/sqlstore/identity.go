package sqlstore

import (
	"context"
	"database/sql"

	"tandai/internal/lead"
	"tandai/internal/store"
)

type pairKey struct{ session, hidden, phone string }

// learnIdentities merges the batch's lid ↔ phone claims, and moves the rows of
// people who became known, or known as somebody else, to their phone. After it
// w.ids resolves every hidden id of the batch.
func (w *work) learnIdentities(ctx context.Context, in []store.Input) error {
	hidden := set{}
	for _, i := range in {
		if i.Pair != nil {
			hidden.add(i.Session, i.Pair.Hidden)
		}
		for _, chat := range []string{eventChat(i), contactChat(i)} {
			if l := lead.OfChat(chat); lead.IsHidden(l) {
				hidden.add(i.Session, l)
			}
		}
	}
	claims, err := w.readClaims(ctx, w.tx, hidden.keys())
	if err != nil {
		return err
	}
	before := resolve(claims)
	dirty := map[pairKey]bool{}
	for _, i := range in {
		if i.Pair == nil {
			continue
		}
		k := pairKey{i.Session, i.Pair.Hidden, i.Pair.Phone}
		merged := *i.Pair
		if have, ok := claims[k]; ok {
			if merged = merged.Merge(have); merged == have {
				continue
			}
		}
		claims[k], dirty[k] = merged, true
	}
	var changed [][]any
	for k := range dirty {
		c := claims[k]
		changed = append(changed, []any{k.session, k.hidden, k.phone, c.FirstAt, c.LastAt})
	}
	if err := w.db.insert(ctx, w.tx, "identities.insert", changed); err != nil {
		return err
	}
	w.ids = resolve(claims)
	for session, now := range w.ids {
		moved := map[string]string{} // hidden → the lead its rows stand under
		for h, phone := range now {
			if old, ok := before[session][h]; !ok {
				moved[h] = h
			} else if old != phone {
				moved[h] = old
			}
		}
		if len(moved) > 0 {
			if err := w.moveRows(ctx, session, moved, now); err != nil {
				return err
			}
			if err := w.db.execList(ctx, w.tx, "lid_lookups.resolved", []any{session}, sorted(moved)); err != nil {
				return err
			}
		}
	}
	return nil
}

func eventChat(i store.Input) string {
	if i.Event == nil {
		return ""
	}
	return i.Event.ChatID
}

func contactChat(i store.Input) string {
	if i.Contact == nil {
		return ""
	}
	return i.Contact.ChatID
}

func (w *work) readClaims(ctx context.Context, q querier, hidden Keys) (map[pairKey]lead.Pair, error) {
	claims := map[pairKey]lead.Pair{}
	err := w.db.eachKey(ctx, q, "identities.read", hidden, func(r *sql.Rows) error {
		var session string
		var p lead.Pair
		if err := r.Scan(&session, &p.Hidden, &p.Phone, &p.FirstAt, &p.LastAt); err != nil {
			return err
		}
		claims[pairKey{session, p.Hidden, p.Phone}] = p
		return nil
	})
	return claims, err
}

func resolve(claims map[pairKey]lead.Pair) map[string]lead.Identities {
	bySession := map[string][]lead.Pair{}
	for k, p := range claims {
		bySession[k.session] = append(bySession[k.session], p)
	}
	ids := map[string]lead.Identities{}
	for session, all := range bySession {
		ids[session] = lead.Resolve(all)
	}
	return ids
}

// moveRows refills nomor_lead of log rows and chats whose hidden id resolves
// anew. from tells under which lead each hidden id's rows stand.
func (w *work) moveRows(ctx context.Context, session string, from map[string]string, now lead.Identities) error {
	leads := map[string]bool{}
	for h, old := range from {
		leads[old] = true
		w.touch(session, old)
		w.touch(session, now[h])
	}
	for _, table := range []string{"label_events", "chats"} {
		move := map[string][]string{} // phone → ids of rows
		err := w.db.eachKey(ctx, w.tx, table+".of_leads", Keys{session: sorted(leads)}, func(r *sql.Rows) error {
			var id, chat, stored string
			if err := r.Scan(&id, &chat, &stored); err != nil {
				return err
			}
			h := lead.OfChat(chat)
			if _, moves := from[h]; moves && stored != now[h] {
				move[now[h]] = append(move[now[h]], id)
			}
			return nil
		})
		if err != nil {
			return err
		}
		for phone, ids := range move {
			before := []any{phone}
			if table == "chats" {
				before = append(before, session)
			} else {
				w.done.Filled += len(ids)
			}
			if err := w.db.execList(ctx, w.tx, table+".move", before, ids); err != nil {
				return err
			}
		}
	}
	return nil
}

// Phones returns the phones known for hidden leads of a session.
func (db *DB) Phones(ctx context.Context, session string, hidden []string) (map[string]string, error) {
	w := newWork(db, nil)
	claims, err := w.readClaims(ctx, db.read, Keys{session: hidden})
	if err != nil {
		return nil, db.fault("read identities", err)
	}
	return resolve(claims)[session], nil
}
