package app

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"tandai/internal/web"
)

func (s *Server) handleHealth(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{"status": "alive", "version": s.opt.Version})
}

// readiness is what /readyz answers. A balancer goes by the code, which is about
// the door alone; people read the rest.
type readiness struct {
	Status           string `json:"status"` // ready | unavailable
	Inbox            string `json:"inbox"`  // ok, or why nothing can be accepted
	Waiting          int64  `json:"waiting"`
	OldestWaitingSec int64  `json:"oldest_waiting_seconds"`
	Database         string `json:"database"` // up | away
	DatabaseSince    string `json:"database_since"`
	DatabaseError    string `json:"database_error,omitempty"`

	Feeds []feedState `json:"feeds,omitempty"` // of WAHA servers that are read by websocket
}

// firstAnswer is how long /readyz waits for the database's first answer after a
// start.
const firstAnswer = 1500 * time.Millisecond

func (s *Server) handleReady(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
	defer cancel()
	health := s.inbox.Health(ctx)
	if health == nil { // without an inbox the database is not asked
		select { // a moment for the first answer: until then neither up nor away would be true
		case <-s.asked:
		case <-ctx.Done():
		case <-time.After(firstAnswer):
		}
	}
	db := s.pipe.Database()
	state := readiness{Status: "ready", Inbox: "ok", Database: "up", DatabaseSince: db.Since.UTC().Format(time.RFC3339)}
	code := http.StatusOK
	if health != nil {
		code, state.Status, state.Inbox = http.StatusServiceUnavailable, "unavailable", Mask(health.Error())
	}
	if stats, err := s.inbox.Stats(ctx); err == nil {
		state.Waiting, state.OldestWaitingSec = stats.Waiting, int64(stats.OldestWaitingAge.Seconds())
	}
	if !db.Up {
		state.Database = "away"
		if db.Err != nil && web.Local(r) == nil {
			state.DatabaseError = Mask(db.Err.Error()) // names hosts and users: for this machine's eyes only
		}
	}
	state.Feeds = s.feedStates(web.Local(r) == nil)
	answer(w, code, state)
}

func answer(w http.ResponseWriter, code int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(body) // the peer may be gone: nobody is left to tell
}

// metrics serves /metrics to this machine always, and to others who show the
// configured token.
func (s *Server) metrics(r *prometheus.Registry) http.Handler {
	serve := promhttp.HandlerFor(r, promhttp.HandlerOpts{})
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if web.LocalPeer(req) != nil && !s.tokenShown(req) {
			w.Header().Set("WWW-Authenticate", `Bearer realm="tandai metrics"`)
			answer(w, http.StatusUnauthorized, map[string]string{"reason": "metrics are for this machine, or for who shows the bearer token set as metrics.token"})
			return
		}
		serve.ServeHTTP(w, req)
	})
}

func (s *Server) tokenShown(r *http.Request) bool {
	want := s.cfg.Metrics.Token
	got, isBearer := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !want.IsSet() || !isBearer {
		return false
	}
	a, b := sha256.Sum256([]byte(got)), sha256.Sum256([]byte(want.Reveal()))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1
}
