package app

import (
	"context"
	"net"
	"net/url"
	"slices"
	"time"

	"tandai/internal/config"
	"tandai/internal/store"
)

// relay looks at where events are relayed to: whether anybody is there, and what
// waits. Nothing is sent.
func (d *doctor) relay(ctx context.Context, db store.OutboxReader) {
	counts, err := db.OutboxCounts(ctx)
	if err != nil {
		d.add("relay", Failed, adviceFor(err), "the outbox cannot be read: %v", err)
		return
	}
	for i := range d.cfg.Relay.Destinations {
		to := &d.cfg.Relay.Destinations[i]
		var c store.DestinationCount
		if at := slices.IndexFunc(counts, func(c store.DestinationCount) bool { return c.Name == to.Name }); at >= 0 {
			c = counts[at]
		}
		switch err := reach(ctx, to.URL); {
		case err != nil:
			d.add("relay", Failed, "Start it, or correct relay.destinations[].url; what waits is sent when it is there.", "%s cannot be reached: %v; %d wait", to.Name, err, c.Waiting)
		case c.OpenedAt != 0:
			d.add("relay", Warning, "See `tandai outbox list --waiting --destination "+to.Name+"`; in n8n, is the workflow active and the address its production one?",
				"%s is there and takes nothing since %s: %s; %d wait", to.Name, time.UnixMilli(c.OpenedAt).UTC().Format(time.RFC3339), c.LastError, c.Waiting)
		case c.Dead > 0:
			d.add("relay", Warning, "`tandai outbox list --destination "+to.Name+"` says why, `tandai outbox redeliver` tries again.", "%s: %d dead letters; %d wait", to.Name, c.Dead, c.Waiting)
		default:
			d.add("relay", OK, "", "%s is there; %d wait", to.Name, c.Waiting)
		}
	}
	for _, c := range counts {
		gone := !slices.ContainsFunc(d.cfg.Relay.Destinations, func(to config.Destination) bool { return to.Name == c.Name })
		if gone && !c.URL && c.Waiting > 0 && destinationName(c.Name) {
			d.add("relay", Warning, "Configure it again, or `tandai outbox drop --destination "+c.Name+"`.", "%s is not configured any more, and %d wait for it", c.Name, c.Waiting)
		}
	}
}

// destinationName tells names that the configuration of the relay may have from
// those of Tandai's own effects.
func destinationName(name string) bool {
	return !slices.Contains([]byte(name), ':')
}

// reach connects to the host of an address and says nothing.
func reach(ctx context.Context, address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err // checked by the configuration
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	dialer := net.Dialer{Timeout: 3 * time.Second}
	conn, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), port))
	if err != nil {
		return err
	}
	return conn.Close()
}
