package sqlstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"

	"tandai/internal/store"
)

// payloadBytes bounds the bodies in one INSERT: servers refuse packets that are
// too large, some above 1 MiB.
const payloadBytes = 512 << 10

const (
	kindConfigured = "configured"
	kindURL        = "url"
)

// Enqueue writes effects that no recording carries. See store.Outbox.
func (db *DB) Enqueue(ctx context.Context, out []store.Outbound, now int64) error {
	for i := range out {
		if err := validateOutbound(&out[i]); err != nil {
			return &store.Error{Class: store.ErrRefused, Op: "enqueue", Err: err}
		}
	}
	return db.update(ctx, "enqueue", func(tx *sql.Tx) error { return db.writeOutbox(ctx, tx, out, now) })
}

func validateOutbound(o *store.Outbound) error {
	v := fits{}
	v.id("outbound's id", o.ID)
	v.text("outbound's session", o.Session, 0, 190)
	v.text("outbound's event", o.Event, 0, 64)
	v.text("outbound's url", o.URL, 0, 2048)
	for _, d := range o.Destinations {
		v.text("destination", d, 1, 190)
	}
	for name, value := range o.Headers {
		v.text("header", name, 1, 255)
		v.text("header "+name, value, 0, 4096)
	}
	if len(v.errs) > 0 {
		return v.errs[0]
	}
	return nil
}

// outbounds are what the inputs send, each id once.
func outbounds(in []store.Input) []store.Outbound {
	var out []store.Outbound
	var seen map[string]bool
	for i := range in {
		o := in[i].Outbound
		if o == nil || len(o.Destinations) == 0 || seen[o.ID] {
			continue
		}
		if seen == nil {
			seen = make(map[string]bool, len(in))
			out = make([]store.Outbound, 0, len(in))
		}
		seen[o.ID] = true
		out = append(out, *o)
	}
	return out
}

// writeOutbox writes payloads and deliveries that are not there yet.
func (db *DB) writeOutbox(ctx context.Context, tx *sql.Tx, out []store.Outbound, now int64) error {
	if len(out) == 0 {
		return nil
	}
	since, err := db.destinationsSince(ctx, tx, out, now)
	if err != nil {
		return err
	}
	var wanted []store.Outbound
	for _, o := range out {
		if o.Again {
			o.Destinations = slices.DeleteFunc(slices.Clone(o.Destinations), func(d string) bool { return since[d] > o.ReceivedAt })
		}
		if len(o.Destinations) > 0 {
			wanted = append(wanted, o)
		}
	}
	if err := db.insertPayloads(ctx, tx, wanted, now); err != nil {
		return err
	}
	seqs, err := db.payloadSeqs(ctx, tx, wanted)
	if err != nil {
		return err
	}
	var rows [][]any
	for _, o := range wanted {
		for _, d := range o.Destinations {
			rows = append(rows, []any{seqs[o.ID], d, now, now, len(o.Body)})
		}
	}
	return db.insertChunks(ctx, tx, "deliveries.insert", rows, func(chunk [][]any) ([][]any, error) {
		known := map[[2]any]bool{}
		args := make([]any, len(chunk))
		for i, row := range chunk {
			args[i] = row[0]
		}
		err := each(ctx, tx, list(db.q["deliveries.known"], len(args)), args, func(r *sql.Rows) error {
			var payload int64
			var destination string
			err := r.Scan(&payload, &destination)
			known[[2]any{payload, destination}] = true
			return err
		})
		return slices.DeleteFunc(slices.Clone(chunk), func(row []any) bool { return known[[2]any{row[0], row[1]}] }), err
	})
}

func (db *DB) insertPayloads(ctx context.Context, tx *sql.Tx, out []store.Outbound, now int64) error {
	for len(out) > 0 {
		var rows [][]any
		size := 0
		for len(out) > 0 && (len(rows) == 0 || size+len(out[0].Body) <= payloadBytes && len(rows) < db.d.RowsPerInsert) {
			o := &out[0]
			headers := ""
			if len(o.Headers) > 0 {
				text, err := json.Marshal(o.Headers)
				if err != nil {
					return err
				}
				headers = string(text)
			}
			body := o.Body
			if body == nil {
				body = []byte{}
			}
			rows = append(rows, []any{o.ID, o.Session, o.Event, o.At, o.URL, headers, body, now})
			size += len(o.Body) + len(headers)
			out = out[1:]
		}
		err := db.insertChunks(ctx, tx, "outbox_payloads.insert", rows, func(chunk [][]any) ([][]any, error) {
			known := map[any]bool{}
			ids := make([]any, len(chunk))
			for i, row := range chunk {
				ids[i] = row[0]
			}
			err := each(ctx, tx, list(db.q["outbox_payloads.seqs"], len(ids)), ids, func(r *sql.Rows) error {
				var id string
				var seq int64
				err := r.Scan(&id, &seq)
				known[id] = true
				return err
			})
			return slices.DeleteFunc(slices.Clone(chunk), func(row []any) bool { return known[row[0]] }), err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// payloadSeqs are the payloads' numbers by id.
func (db *DB) payloadSeqs(ctx context.Context, q querier, out []store.Outbound) (map[string]int64, error) {
	seqs := make(map[string]int64, len(out))
	for part := range slices.Chunk(out, listSize) {
		args := make([]any, len(part))
		for i := range part {
			args[i] = part[i].ID
		}
		err := each(ctx, q, list(db.q["outbox_payloads.seqs"], len(args)), args, func(r *sql.Rows) error {
			var id string
			var seq int64
			err := r.Scan(&id, &seq)
			seqs[id] = seq
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	for i := range out {
		if seqs[out[i].ID] == 0 {
			return nil, fmt.Errorf("outbox payload %s is not there after it was written", out[i].ID)
		}
	}
	return seqs, nil
}

// destinationsSince tells since when the destinations are known, and makes known
// those that are not.
func (db *DB) destinationsSince(ctx context.Context, tx *sql.Tx, out []store.Outbound, now int64) (map[string]int64, error) {
	kinds := map[string]string{}
	for i := range out {
		for _, d := range out[i].Destinations {
			if _, cached := db.since.Load(d); !cached {
				kinds[d] = kindConfigured
				if out[i].URL != "" {
					kinds[d] = kindURL
				}
			}
		}
	}
	since := map[string]int64{}
	if len(kinds) > 0 {
		states, err := db.readDestinations(ctx, tx)
		if err != nil {
			return nil, err
		}
		for _, s := range states {
			delete(kinds, s.Name)
			since[s.Name] = s.Since
		}
		var rows [][]any
		for _, name := range sorted(kinds) {
			rows = append(rows, []any{name, kinds[name], now})
			since[name] = now // not cached: this transaction may fail
		}
		if err := db.insert(ctx, tx, "delivery_destinations.insert", rows); err != nil {
			return nil, err
		}
	}
	db.since.Range(func(name, at any) bool { since[name.(string)] = at.(int64); return true })
	return since, nil
}

// Destinations makes known what is new. See store.Outbox.
func (db *DB) Destinations(ctx context.Context, configured []string, now int64) ([]store.DestinationState, error) {
	have, err := db.readDestinations(ctx, db.read)
	if err != nil {
		return nil, db.fault("read destinations", err)
	}
	var rows [][]any
	for _, name := range configured {
		if !slices.ContainsFunc(have, func(s store.DestinationState) bool { return s.Name == name && !s.URL }) {
			rows = append(rows, []any{name, kindConfigured, now})
		}
	}
	if len(rows) > 0 {
		err := db.update(ctx, "add destinations", func(tx *sql.Tx) error { return db.insert(ctx, tx, "delivery_destinations.insert", rows) })
		if err != nil {
			return nil, err
		}
		if have, err = db.readDestinations(ctx, db.read); err != nil {
			return nil, db.fault("read destinations", err)
		}
	}
	for _, s := range have {
		db.since.Store(s.Name, s.Since)
	}
	return have, nil
}

func (db *DB) readDestinations(ctx context.Context, q querier) ([]store.DestinationState, error) {
	var all []store.DestinationState
	err := each(ctx, q, db.q["delivery_destinations.read"], nil, func(r *sql.Rows) error {
		var s store.DestinationState
		var kind string
		err := r.Scan(&s.Name, &kind, &s.Since, &s.OpenedAt, &s.OpenUntil, &s.Probes, &s.LastError)
		s.URL = kind == kindURL
		all = append(all, s)
		return err
	})
	return all, err
}

// TakeProbe lets one server probe. See store.Outbox.
func (db *DB) TakeProbe(ctx context.Context, name string, now, until int64) (bool, error) {
	res, err := db.write.ExecContext(ctx, db.q["delivery_destinations.probe"], until, name, now)
	if err != nil {
		return false, db.fault("take probe", err)
	}
	n, err := res.RowsAffected()
	return n == 1, db.fault("take probe", err)
}

// shorten is a text of at most n characters.
func shorten(text string, n int) string {
	for i := range text {
		if n--; n < 0 {
			return text[:i]
		}
	}
	return text
}
