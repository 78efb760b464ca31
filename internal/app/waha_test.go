package app

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"tandai/internal/waha/rest"
)

// All that serves asks a WAHA through one client; a command has its own.
func TestSharedServers(t *testing.T) {
	cfg := configured(t, "waha: {url: 'http://127.0.0.1:1', servers: [{name: utama}, {name: jogja, url: 'http://127.0.0.1:2'}, {name: silent}]}")
	shared, err := sharedServers(cfg, rest.NewMetrics(prometheus.NewRegistry()))
	must(t, err)
	clients := map[*rest.Client]bool{}
	for _, w := range shared {
		if w.URL == "" {
			if w.shared != nil {
				t.Errorf("%s has no address, and a client", w.Name)
			}
			continue
		}
		a, err := w.client()
		must(t, err)
		b, err := w.client()
		must(t, err)
		if a != b {
			t.Errorf("%s: two clients for one server", w.URL)
		}
		clients[a] = true
	}
	if len(clients) != 2 {
		t.Errorf("%d clients, want one for each server with an address", len(clients))
	}
	for _, w := range wahaServers(cfg) {
		if w.shared != nil {
			t.Errorf("%s: a command shares a client", w.URL)
		}
	}
}
