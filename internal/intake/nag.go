package intake

import (
	"log/slog"
	"net/http"
	"sync"
	"time"

	"tandai/internal/label"
)

// nagEvery is how often the same kind of refusal is logged: a sender that is
// refused tries again at once, and many times.
const nagEvery = 10 * time.Second

// nag logs what the door refuses and quarantines, without path or body: they may
// hold phone numbers.
type nag struct {
	log *slog.Logger

	mu     sync.Mutex
	last   [results]time.Time
	silent [results]int
}

// due tells whether this kind is to be logged now, and how many were not since
// the last time.
func (n *nag) due(kind result) (silent int, ok bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if now := time.Now(); now.Sub(n.last[kind]) >= nagEvery {
		silent, n.silent[kind], n.last[kind] = n.silent[kind], 0, now
		return silent, true
	}
	n.silent[kind]++
	return 0, false
}

func (n *nag) refused(r *http.Request, a *answer) {
	silent, ok := n.due(a.result)
	if !ok {
		return
	}
	reason := a.reason
	if a.result == resultNotFound {
		reason = "no such path or server" // the reason quotes the path
	}
	attrs := []any{"status", a.status, "reason", reason, "remote", r.RemoteAddr, "not_logged", silent}
	if a.err != nil {
		attrs = append(attrs, "err", a.err)
	}
	n.log.WarnContext(r.Context(), "webhook refused", attrs...)
}

func (n *nag) quarantined(key label.Key, problem string) {
	if silent, ok := n.due(resultQuarantined); ok {
		n.log.Warn("webhook is not understood and was put in quarantine", "event_id", key.ID(), "reason", problem, "not_logged", silent)
	}
}
