package rest

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"
)

// Version is what a WAHA server says of itself.
type Version struct {
	Version  string // "2026.7.1"
	Engine   string // its usual engine: GOWS, NOWEB, WEBJS, WPP
	Tier     string // CORE, PLUS
	Platform string // "linux/x64"
	Worker   string // id of the worker; "" when it has none
}

// ServerStatus is how long a WAHA server has been running.
type ServerStatus struct {
	StartedAt int64 // Unix ms by WAHA's clock, give or take a few ms: another one = it was restarted, and its pending webhooks are lost
	Uptime    time.Duration
	Worker    string
}

// Health is WAHA's check of itself.
type Health struct {
	Status string   // "ok", "error", "shutting_down"
	Down   []string // which of its checks failed, sorted
}

type wireWorker struct {
	ID loose `json:"id"`
}

// Version reads the server's version.
func (c *Client) Version(ctx context.Context) (Version, error) {
	o := op{name: "read the version"}
	a, err := c.get(ctx, o, path("api", "server", "version"), nil)
	if errors.Is(err, ErrNotFound) { // before 2024.8
		a, err = c.get(ctx, o, path("api", "version"), nil)
	}
	if err != nil {
		return Version{}, err
	}
	var wire struct {
		Version  loose       `json:"version"`
		Engine   loose       `json:"engine"`
		Tier     loose       `json:"tier"`
		Platform loose       `json:"platform"`
		Worker   *wireWorker `json:"worker"`
	}
	if err := c.decode(o, a, &wire); err != nil {
		return Version{}, err
	}
	if wire.Version == "" {
		return Version{}, o.garbled(a.status, "its answer has no version: is it WAHA?")
	}
	v := Version{Version: string(wire.Version), Engine: string(wire.Engine), Tier: string(wire.Tier), Platform: string(wire.Platform)}
	if wire.Worker != nil {
		v.Worker = string(wire.Worker.ID)
	}
	return v, nil
}

// ServerStatus reads since when the server runs.
func (c *Client) ServerStatus(ctx context.Context) (ServerStatus, error) {
	o := op{name: "read the server's status"}
	a, err := c.get(ctx, o, path("api", "server", "status"), nil)
	if err != nil {
		return ServerStatus{}, err
	}
	var wire struct {
		Start  loose       `json:"startTimestamp"`
		Uptime loose       `json:"uptime"`
		Worker *wireWorker `json:"worker"`
	}
	if err := c.decode(o, a, &wire); err != nil {
		return ServerStatus{}, err
	}
	start, ok := wire.Start.int()
	if !ok {
		return ServerStatus{}, o.garbled(a.status, "its answer has no startTimestamp")
	}
	s := ServerStatus{StartedAt: start}
	if ms, ok := wire.Uptime.int(); ok && ms >= 0 && ms < 1<<40 {
		s.Uptime = time.Duration(ms) * time.Millisecond
	}
	if wire.Worker != nil {
		s.Worker = string(wire.Worker.ID)
	}
	return s, nil
}

// Ping asks whether anybody is there; it needs no key.
func (c *Client) Ping(ctx context.Context) error {
	o := op{name: "ping"}
	a, err := c.get(ctx, o, path("ping"), nil)
	if err != nil {
		return err
	}
	var wire struct {
		Message loose `json:"message"`
	}
	if err := c.decode(o, a, &wire); err != nil {
		return err
	}
	if wire.Message != "pong" {
		return o.garbled(a.status, "its answer is not pong: is it WAHA?")
	}
	return nil
}

// Health reads WAHA's check of itself. A server that finds itself ill is no
// error: Status and Down say so. ErrInvalid (422) where this edition has none:
// Core before 2026.6.1.
func (c *Client) Health(ctx context.Context) (Health, error) {
	o := op{name: "read the health"}
	a, err := c.get(ctx, o, path("health"), nil)
	if err != nil && a.status != 503 {
		return Health{}, err
	}
	var wire struct {
		Status  loose                      `json:"status"`
		Failing map[string]json.RawMessage `json:"error"`
	}
	if bad := c.decode(o, a, &wire); bad != nil || wire.Status == "" {
		if err == nil {
			err = o.garbled(a.status, "its answer says nothing of its health")
		}
		return Health{}, err
	}
	return Health{Status: string(wire.Status), Down: slices.Sorted(maps.Keys(wire.Failing))}, nil
}
