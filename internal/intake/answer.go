package intake

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// The results of a delivery.
const (
	resultStored      = "stored"
	resultKnown       = "known" // the same delivery came before
	resultQuarantined = "quarantined"
	resultRejected    = "rejected"
	resultUnavailable = "unavailable"
)

// answer is one line of JSON and its status code.
type answer struct {
	code       int
	retryAfter time.Duration
	closes     bool // what is left on the connection is not a request

	Result  string `json:"result"`
	Reason  string `json:"reason,omitempty"`
	EventID string `json:"event_id,omitempty"`
}

func reject(code int, reason string) answer {
	return answer{code: code, Result: resultRejected, Reason: reason}
}

func unavailable(reason string, after time.Duration) answer {
	return answer{code: http.StatusServiceUnavailable, retryAfter: after, Result: resultUnavailable, Reason: reason}
}

func (a answer) write(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h["Content-Type"] = []string{"application/json"}
	if a.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(a.retryAfter.Seconds())))
	}
	if a.code == http.StatusMethodNotAllowed {
		h.Set("Allow", http.MethodPost)
	}
	if a.closes {
		h.Set("Connection", "close")
	}
	line, err := json.Marshal(a)
	if err != nil {
		line = []byte(`{"result":"` + a.Result + `"}`) // strings always marshal
	}
	line = append(line, '\n')
	h["Content-Length"] = []string{strconv.Itoa(len(line))}
	w.WriteHeader(a.code)
	if r.Method != http.MethodHead {
		_, _ = w.Write(line) // the sender may be gone: it will send again
	}
}
