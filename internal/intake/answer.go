package intake

import (
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strconv"

	"tandai/internal/label"
)

// Answer is the line of JSON every request gets.
type Answer struct {
	Result  string `json:"result"`             // stored, known, quarantined, probed, rejected or unavailable
	Reason  string `json:"reason,omitempty"`   // why it is not simply stored
	EventID string `json:"event_id,omitempty"` // 64 hex digits, of what is durable
}

// result is what became of a request, finer than Answer.Result: it is counted.
type result int

const (
	resultStored result = iota
	resultKnown
	resultQuarantined
	resultProbed
	resultUnauthorized
	resultNotFound
	resultMethod
	resultTimeout
	resultTooLarge
	resultBusy
	resultBroken
	resultFull
	resultUnavailable
	results
)

// counted and answered name the results in the metrics and in the answer.
var (
	counted = [results]string{"stored", "known", "quarantined", "probed", "unauthorized", "not_found", "method_not_allowed",
		"timeout", "too_large", "busy", "broken_off", "full", "unavailable"}
	answered = [results]string{"stored", "known", "quarantined", "probed", "rejected", "rejected", "rejected",
		"rejected", "rejected", "unavailable", "unavailable", "unavailable", "unavailable"}
)

// WAHA waits at least as long as Retry-After says before each of its 15 tries,
// so the longer, the longer the outage that loses nothing.
const (
	retrySoon  = 2  // seconds, where others must only be done first
	retryLater = 10 // seconds, where somebody has to do something
)

// answer is one response.
type answer struct {
	status     int
	result     result
	reason     string
	eventID    label.Key // where the status is 200
	retryAfter int       // seconds; 0 for none
	close      bool      // the connection is of no more use
	err        error     // for the log only
}

var (
	typeJSON  = []string{"application/json"}
	allowPost = []string{http.MethodPost}
	challenge = []string{`X-Webhook-Hmac realm="tandai"`}
	hangUp    = []string{"close"}
)

// write sends the answer. A sender that has gone does not get it, and sends
// again.
func (a *answer) write(w http.ResponseWriter) {
	h := w.Header()
	h["Content-Type"] = typeJSON
	switch a.status {
	case http.StatusMethodNotAllowed:
		h["Allow"] = allowPost
	case http.StatusUnauthorized:
		h["Www-Authenticate"] = challenge
	}
	if a.retryAfter > 0 {
		h["Retry-After"] = []string{strconv.Itoa(a.retryAfter)}
	}
	if a.close {
		h["Connection"] = hangUp
	}
	var space [160]byte
	line := a.line(space[:0])
	h["Content-Length"] = []string{strconv.Itoa(len(line))}
	w.WriteHeader(a.status)
	_, _ = w.Write(line)
}

// line writes the answer's JSON, as encoding/json writes an Answer, without the
// cost of it for the answer that is given all the time.
func (a *answer) line(b []byte) []byte {
	durable := a.status == http.StatusOK && a.result != resultProbed
	if a.reason != "" || !durable {
		id := ""
		if durable {
			id = a.eventID.ID()
		}
		line, _ := json.Marshal(Answer{answered[a.result], a.reason, id}) // strings: cannot fail
		return append(line, '\n')
	}
	b = append(b, `{"result":"`...)
	b = append(b, answered[a.result]...)
	b = append(b, `","event_id":"`...)
	b = hex.AppendEncode(b, a.eventID[:])
	return append(b, "\"}\n"...)
}
