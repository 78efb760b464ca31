package rest

import (
	"context"
	"net/url"
	"strconv"
)

// LidPair is a hidden id and whose it is.
type LidPair struct {
	Hidden string // "201000000000011@lid"; "" for a pair that cannot be read
	Phone  string // digits, country code first; "" = not known to WAHA
}

// Lid asks whose a hidden id is, given with or without its "@lid": the phone's
// digits, or "" when WAHA does not know (null). Once known it does not change, so
// it can be cached (WAHA #1073).
func (c *Client) Lid(ctx context.Context, session, hidden string) (phone string, err error) {
	o := op{"look up a hidden id", session, RightRead}
	if err := o.checkSession(); err != nil {
		return "", err
	}
	id, ok := hiddenOf(hidden)
	if !ok {
		return "", o.invalid("that is no hidden id, want digits and @lid")
	}
	a, err := c.get(ctx, o, path("api", session, "lids", id), nil)
	if err != nil {
		return "", err
	}
	var wire struct {
		Phone loose `json:"pn"`
	}
	if err := c.decode(o, a, &wire); err != nil {
		return "", err
	}
	if wire.Phone == "" {
		return "", nil
	}
	if phone, ok = phoneOf(string(wire.Phone)); !ok {
		return "", o.garbled(a.status, "its answer has a pn that is no phone number")
	}
	return phone, nil
}

// Lids reads a page of the hidden ids WAHA knows, in their order. There are as
// many pairs as WAHA sent, so that they tell where the next page begins: a pair
// that cannot be read is an empty one. EachLid reads all.
func (c *Client) Lids(ctx context.Context, session string, limit, offset int) ([]LidPair, error) {
	o := op{"read the hidden ids", session, RightRead}
	if err := o.checkSession(); err != nil {
		return nil, err
	}
	a, err := c.get(ctx, o, path("api", session, "lids"), page(limit, offset))
	if err != nil {
		return nil, err
	}
	a.body = list(a.body)
	var wire []struct {
		Hidden loose `json:"lid"`
		Phone  loose `json:"pn"`
	}
	if err := c.decode(o, a, &wire); err != nil {
		return nil, err
	}
	pairs := make([]LidPair, len(wire))
	for i, w := range wire {
		hidden, ok := hiddenOf(string(w.Hidden))
		if !ok {
			continue
		}
		pairs[i].Hidden = hidden
		if phone, ok := phoneOf(string(w.Phone)); ok {
			pairs[i].Phone = phone
		}
	}
	return pairs, nil
}

const (
	lidsPage  = 500
	lidsPages = 4000 // of a list that never ends
)

// EachLid reads the whole list of hidden ids with ask, which is Lids, and hands
// each page to take. A page shorter than was asked for need not be the last: a
// server may give fewer at a time than it is asked for. So it goes on until a page
// brings nothing new, which one that knows of no offset does at once.
func EachLid(ask func(limit, offset int) ([]LidPair, error), take func([]LidPair) error) error {
	seen := map[string]bool{}
	offset := 0
	for range lidsPages {
		pairs, err := ask(lidsPage, offset)
		if err != nil {
			return err
		}
		readable, fresh := 0, 0
		for _, p := range pairs {
			if p.Hidden == "" {
				continue
			}
			readable++
			if !seen[p.Hidden] {
				seen[p.Hidden] = true
				fresh++
			}
		}
		if len(pairs) == 0 || readable > 0 && fresh == 0 {
			return nil
		}
		if err := take(pairs); err != nil {
			return err
		}
		offset += len(pairs)
	}
	return nil
}

// LidCount reads how many hidden ids WAHA knows.
func (c *Client) LidCount(ctx context.Context, session string) (int, error) {
	o := op{"count the hidden ids", session, RightRead}
	if err := o.checkSession(); err != nil {
		return 0, err
	}
	a, err := c.get(ctx, o, path("api", session, "lids", "count"), nil)
	if err != nil {
		return 0, err
	}
	var wire struct {
		Count *int `json:"count"`
	}
	if err := c.decode(o, a, &wire); err != nil {
		return 0, err
	}
	if wire.Count == nil {
		return 0, o.garbled(a.status, "its answer has no count")
	}
	return *wire.Count, nil
}

// page asks for a part of a list; a limit of 0 leaves it to WAHA.
func page(limit, offset int) url.Values {
	q := url.Values{}
	if limit > 0 {
		q.Set("limit", strconv.Itoa(limit))
	}
	if limit > 0 || offset > 0 {
		q.Set("offset", strconv.Itoa(offset))
	}
	return q
}
