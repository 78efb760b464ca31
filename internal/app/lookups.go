package app

import (
	"crypto/sha256"
	"encoding/hex"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"

	"tandai/internal/config"
	"tandai/internal/directory"
	"tandai/internal/store"
)

// newDirectory makes what looks up hidden ids and labels; nil where no WAHA can be
// asked.
func newDirectory(cfg *config.Config, wahas []wahaServer, db store.Store, r prometheus.Registerer, log *slog.Logger) (*directory.Service, error) {
	servers, err := directoryServers(wahas)
	if err != nil || len(servers) == 0 {
		return nil, err
	}
	return directory.New(directory.Config{
		Servers: servers, Store: db, Owner: claimant(cfg), Log: log, Metrics: directory.NewMetrics(r), Confirm: cfg.Reconcile.ConfirmAfter,
	}), nil
}

// directoryServers are the WAHA servers that can be asked.
func directoryServers(wahas []wahaServer) ([]directory.Server, error) {
	var all []directory.Server
	for _, s := range wahas {
		if s.URL == "" {
			continue
		}
		client, err := s.client()
		if err != nil {
			return nil, err
		}
		all = append(all, directory.Server{Name: s.known, WAHA: client})
	}
	return all, nil
}

// claimant is what this server signs claims with: its name, however long that is.
func claimant(cfg *config.Config) string {
	sum := sha256.Sum256([]byte(serverName(cfg)))
	return "serve-" + hex.EncodeToString(sum[:8])
}
