package sqlstore

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"slices"

	"tandai/internal/label"
	"tandai/internal/store"
)

type sightingKey struct {
	labelKey
	name  string
	color int
}

// valueID is the key of something seen: a hash, because engines disagree on
// whether `a ` is `a`.
func valueID(value string) string {
	sum := sha256.Sum256([]byte(value))
	return hex.EncodeToString(sum[:])
}

func (k sightingKey) valueID() string { return valueID(fmt.Sprintf("%d:%s", k.color, k.name)) }

type span64 struct{ first, last int64 }

// catalog is everything seen about some labels.
type catalog struct {
	changes   map[string]catalogChange // by event id
	sightings map[sightingKey]span64
}

type catalogChange struct {
	labelKey
	store.LabelChange
}

// learnLabels merges what the batch says about labels, writes their versions,
// renames the log rows whose name at that time is now another, and touches the
// leads that a new deletion may end a span of.
func (w *work) learnLabels(ctx context.Context, in []store.Input) error {
	about := set{}
	for _, i := range in {
		switch {
		case i.Event != nil:
			about.add(i.Session, i.Event.LabelID)
		case i.Change != nil:
			about.add(i.Session, i.Change.LabelID)
		}
		if i.Sighting != nil {
			about.add(i.Session, i.Sighting.LabelID)
		}
	}
	if err := w.alsoFormerLabels(ctx, in, about); err != nil {
		return err
	}
	cat, err := w.db.readCatalog(ctx, w.tx, about.keys())
	if err != nil {
		return err
	}
	before := cat.versions()
	var changes, sightings [][]any
	var deletions []catalogChange
	dirty := map[sightingKey]bool{}
	for _, i := range in {
		if c := i.Change; c != nil {
			full := catalogChange{labelKey{i.Session, c.LabelID}, *c}
			if have, known := cat.changes[c.ID]; known {
				w.done.Known++
				full.ReceivedAt = have.ReceivedAt
				if full == have {
					continue
				}
				if have.Deleted {
					deletions = append(deletions, have)
				}
			}
			cat.changes[c.ID] = full
			changes = append(changes, []any{c.ID, i.Session, c.LabelID, kindOf(c.Deleted), c.At, c.Name, c.Color, full.ReceivedAt})
			if c.Deleted {
				deletions = append(deletions, full)
			}
		}
		if s := i.Sighting; s != nil && s.Name != "" && cat.see(sightingKey{labelKey{i.Session, s.LabelID}, s.Name, s.Color}, i.SightedAt()) {
			dirty[sightingKey{labelKey{i.Session, s.LabelID}, s.Name, s.Color}] = true
		}
	}
	for k := range dirty {
		s := cat.sightings[k]
		sightings = append(sightings, []any{k.session, k.label, k.valueID(), k.name, k.color, s.first, s.last})
	}
	if err := w.db.insert(ctx, w.tx, "label_changes.insert", changes); err != nil {
		return err
	}
	if err := w.db.insert(ctx, w.tx, "label_sightings.insert", sightings); err != nil {
		return err
	}
	w.versions = cat.versions()
	for k := range before {
		if _, still := w.versions[k]; !still {
			w.versions[k] = nil // a replay took away all that was known of it
		}
	}
	for k, now := range w.versions {
		if !slices.Equal(now, before[k]) {
			if err := w.writeVersions(ctx, k, now); err != nil {
				return err
			}
			if err := w.rename(ctx, k, before[k], now); err != nil {
				return err
			}
		}
	}
	for _, d := range deletions {
		args := []any{d.session, d.label, d.At, d.session, d.label, d.At, d.At}
		err := each(ctx, w.tx, w.db.q["label_spans.over"], args, func(r *sql.Rows) error {
			var l string
			if err := r.Scan(&l); err != nil {
				return err
			}
			w.touch(d.session, l)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// alsoFormerLabels adds the labels that changes of this batch were recorded
// under before, when a replay maps them to others.
func (w *work) alsoFormerLabels(ctx context.Context, in []store.Input, about set) error {
	var ids []any
	for _, i := range in {
		if i.Change != nil {
			ids = append(ids, i.Change.ID)
		}
	}
	for part := range slices.Chunk(ids, listSize) {
		err := each(ctx, w.tx, list(w.db.q["label_changes.labels_of"], len(part)), part, func(r *sql.Rows) error {
			var session, labelID string
			err := r.Scan(&session, &labelID)
			about.add(session, labelID)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func kindOf(deleted bool) string {
	if deleted {
		return "deleted"
	}
	return "upsert"
}

func (db *DB) readCatalog(ctx context.Context, q querier, about Keys) (catalog, error) {
	cat := catalog{changes: map[string]catalogChange{}, sightings: map[sightingKey]span64{}}
	err := db.eachKey(ctx, q, "label_changes.read", about, func(r *sql.Rows) error {
		var c catalogChange
		var kind string
		err := r.Scan(&c.ID, &c.session, &c.label, &kind, &c.At, &c.Name, &c.Color, &c.ReceivedAt)
		c.LabelID, c.Deleted = c.label, kind == "deleted"
		cat.changes[c.ID] = c
		return err
	})
	if err != nil {
		return cat, err
	}
	err = db.eachKey(ctx, q, "label_sightings.read", about, func(r *sql.Rows) error {
		var k sightingKey
		var s span64
		err := r.Scan(&k.session, &k.label, &k.name, &k.color, &s.first, &s.last)
		cat.sightings[k] = s
		return err
	})
	return cat, err
}

// see merges one sighting and reports whether it said anything new.
func (c catalog) see(k sightingKey, at int64) bool {
	s, ok := c.sightings[k]
	if ok && s.first <= at && at <= s.last {
		return false
	}
	if !ok {
		s = span64{at, at}
	}
	c.sightings[k] = span64{min(s.first, at), max(s.last, at)}
	return true
}

func (c catalog) versions() map[labelKey][]label.Version {
	seen := map[labelKey][]label.Observation{}
	for _, ch := range c.changes {
		seen[ch.labelKey] = append(seen[ch.labelKey], label.Observation{ID: ch.ID, At: ch.At, Deleted: ch.Deleted, Name: ch.Name, Color: ch.Color})
	}
	for k, s := range c.sightings {
		seen[k.labelKey] = append(seen[k.labelKey],
			label.Observation{At: s.first, Name: k.name, Color: k.color}, label.Observation{At: s.last, Name: k.name, Color: k.color})
	}
	all := map[labelKey][]label.Version{}
	for k, observations := range seen {
		all[k] = label.Versions(observations)
	}
	return all
}

func (w *work) writeVersions(ctx context.Context, k labelKey, now []label.Version) error {
	if _, err := w.tx.ExecContext(ctx, w.db.q["labels.delete"], k.session, k.label); err != nil {
		return err
	}
	var all [][]any
	for _, v := range now {
		all = append(all, []any{k.session, k.label, v.From, null(v.To), v.Name, v.Color})
	}
	return w.db.insert(ctx, w.tx, "labels.insert", all)
}

// rename refills label_name where the name at that time is now another.
func (w *work) rename(ctx context.Context, k labelKey, before, now []label.Version) error {
	const forever = 1<<63 - 1
	var cuts []int64
	for _, v := range slices.Concat(before, now) {
		cuts = append(cuts, v.From)
		if v.To != 0 {
			cuts = append(cuts, v.To)
		}
	}
	slices.Sort(cuts)
	cuts = append([]int64{0}, cuts...)
	cuts = append(slices.Compact(cuts), forever)
	for i := range cuts[:len(cuts)-1] {
		from, to := cuts[i], cuts[i+1]
		// Adds belong to [from, to), removals to (from, to]: see label.NameAt.
		for _, r := range []struct {
			status   label.Status
			low, top int64 // inclusive, exclusive
			probe    int64
		}{{label.Added, from, to, from}, {label.Removed, from + 1, to, from + 1}} {
			if r.status == label.Removed && to != forever {
				r.top = to + 1
			}
			name := label.NameAt(now, r.status, r.probe)
			if name == label.NameAt(before, r.status, r.probe) {
				continue
			}
			res, err := w.tx.ExecContext(ctx, w.db.q["label_events.rename"], name, k.session, k.label, string(r.status), r.low, r.top)
			if err != nil {
				return err
			}
			n, err := res.RowsAffected()
			if err != nil {
				return err
			}
			w.done.Filled += int(n)
		}
	}
	return nil
}

// readVersions loads the versions of every label of a session.
func (w *work) readVersions(ctx context.Context, session string) error {
	return each(ctx, w.tx, w.db.q["labels.read"], []any{session}, func(r *sql.Rows) error {
		k := labelKey{session: session}
		var v label.Version
		var to sql.NullInt64
		err := r.Scan(&k.label, &v.From, &to, &v.Name, &v.Color)
		v.To = to.Int64
		w.versions[k] = append(w.versions[k], v)
		return err
	})
}
