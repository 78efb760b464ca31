package app

import (
	"log/slog"
	"net/http"
	"os"
	"path/filepath"

	"tandai/internal/config"
	"tandai/internal/delivery"
	"tandai/internal/pipeline"
	"tandai/internal/store"
)

// newDelivery makes what sends to the configured destinations.
func newDelivery(cfg *config.Config, db store.Outbox, log *slog.Logger, metrics *delivery.Metrics) *delivery.Service {
	c := delivery.Config{
		Store: db, Owner: serverName(cfg), Timeout: cfg.Relay.Timeout, Concurrency: cfg.Relay.Concurrency, Keep: cfg.Relay.Keep,
		Log: log, Metrics: metrics,
	}
	for _, d := range cfg.Relay.Destinations {
		c.Destinations = append(c.Destinations, delivery.Destination{
			Name: d.Name, URL: d.URL, Key: []byte(d.Key.Reveal()), Events: d.Events, Headers: headersOf(d), Header: d.Header, Enrich: d.Enrich,
		})
	}
	c.Destinations = append(c.Destinations, alarmDestination(cfg)...)
	return delivery.New(c)
}

func headersOf(d config.Destination) http.Header {
	h := http.Header{}
	for _, x := range d.Headers {
		h.Set(x.Name, x.Value.Reveal())
	}
	return h
}

// relayOf tells the pipeline what is relayed: nothing, where nobody is to get it.
func relayOf(cfg *config.Config, d *delivery.Service) *pipeline.Relay {
	if len(cfg.Relay.Destinations) == 0 {
		return nil
	}
	return &pipeline.Relay{For: d.For, Wake: d.Wake, Keep: cfg.Relay.Keep}
}

// keepHeaders tells the door of which events the destinations get the headers too;
// nil where there are none.
func keepHeaders(cfg *config.Config) func(event string) bool {
	if len(cfg.Relay.Destinations) == 0 {
		return nil
	}
	return pipeline.Relayed
}

// serverName is the same in every life of this server, and another's elsewhere.
func serverName(cfg *config.Config) string {
	host, _ := os.Hostname() // without one, the folder tells servers of one machine apart
	dir, err := filepath.Abs(cfg.DataDir)
	if err != nil {
		dir = cfg.DataDir
	}
	return host + ":" + dir
}
