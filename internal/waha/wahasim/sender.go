package wahasim

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"tandai/internal/waha"
)

// Header is one of a webhook's customHeaders.
type Header struct{ Name, Value string }

// SenderConfig is one webhook of a WAHA session.
type SenderConfig struct {
	URL     string
	HMACKey string // unsigned when empty
	Headers []Header
	Retries Retries

	// MaxInFlight bounds the POSTs under way; Send waits for a place. 0 = no
	// bound, as WAHA. An event that waits for its next attempt has no place.
	MaxInFlight int

	// Keep is how many events Sent remembers; older ones that are settled are
	// forgotten, though still counted. 0 = all.
	Keep int

	Seed      uint64            // of request ids and jitter
	Transport http.RoundTripper // nil: one that behaves like WAHA's agents
}

// Outcome is what became of an event.
type Outcome string

const (
	Pending      Outcome = "pending"      // under way, or waiting for its next attempt
	Acknowledged Outcome = "acknowledged" // the receiver answered the POST with 2xx
	Redirected   Outcome = "redirected"   // a redirect made it a GET without body, that was answered 2xx: WAHA thinks it delivered
	Dropped      Outcome = "dropped"      // every attempt failed; WAHA logs it and forgets
	Cancelled    Outcome = "cancelled"    // its context ended: WAHA was stopped, and keeps nothing
)

// Sent is what is known of one event given to Send.
type Sent struct {
	Event     Event  // without its Body
	RequestID string // X-Webhook-Request-Id, the same for every attempt
	Outcome   Outcome
	Attempts  int
	Status    int    // of the last answer; 0 when there was none
	Err       string // why the last attempt failed without an answer
}

// Stats counts events by outcome.
type Stats struct {
	Events, Attempts                                      int
	Pending, Acknowledged, Redirected, Dropped, Cancelled int
}

// Sender posts events as WAHA's WebhookSender does: each on its own, not
// awaited, in no order, signed over the raw body, retried on everything that is
// not 2xx with the same body, id, timestamp and signature.
type Sender struct {
	cfg    SenderConfig
	client *http.Client
	slots  chan struct{} // nil = no bound
	wg     sync.WaitGroup

	mu       sync.Mutex
	requests *rand.Rand
	count    Stats
	sent     []*Sent
}

// NewSender checks the configuration.
func NewSender(cfg SenderConfig) (*Sender, error) {
	if u, err := url.Parse(cfg.URL); err != nil || u.Host == "" {
		return nil, fmt.Errorf("webhook url %q is not an absolute URL", cfg.URL)
	}
	var err error
	if cfg.Retries, err = cfg.Retries.normalised(); err != nil {
		return nil, err
	}
	s := &Sender{cfg: cfg, client: newClient(cfg.Transport), requests: newRand(cfg.Seed, streamRequest)}
	if cfg.MaxInFlight > 0 {
		s.slots = make(chan struct{}, cfg.MaxInFlight)
	}
	return s, nil
}

// Send starts to deliver an event and returns; with MaxInFlight set, as soon as
// there is a place. Zero events are passed over.
func (s *Sender) Send(ctx context.Context, ev Event) {
	if ev.IsZero() {
		return
	}
	body := ev.Body
	ev.Body = nil
	s.mu.Lock()
	rec := &Sent{Event: ev, RequestID: requestID(s.requests), Outcome: Pending}
	jitter := newRand(s.cfg.Seed^uint64(s.count.Events), streamJitter)
	s.count.Events++
	s.count.Pending++
	s.sent = append(s.sent, rec)
	s.forget()
	s.mu.Unlock()

	if !s.enter(ctx) {
		s.settle(rec, Cancelled)
		return
	}
	s.wg.Go(func() { s.settle(rec, s.deliver(ctx, rec, body, jitter)) })
}

// deliver makes all attempts. The first has its place already.
func (s *Sender) deliver(ctx context.Context, rec *Sent, body []byte, jitter *rand.Rand) Outcome {
	headers := s.headers(rec, body)
	for n := 1; ; n++ {
		outcome, after := s.attempt(ctx, rec, headers, body)
		s.leave()
		if outcome != "" {
			return outcome
		}
		if n > s.cfg.Retries.Attempts {
			return Dropped
		}
		if !pause(ctx, s.cfg.Retries.wait(n, after, jitter)) || !s.enter(ctx) {
			return Cancelled
		}
	}
}

// attempt posts once. An empty outcome means it failed; after is the receiver's Retry-After.
func (s *Sender) attempt(ctx context.Context, rec *Sent, headers http.Header, body []byte) (outcome Outcome, after time.Duration) {
	status, problem := 0, ""
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		rec.Attempts++
		s.count.Attempts++
		rec.Status, rec.Err = status, problem
	}()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.cfg.URL, bytes.NewReader(body))
	if err != nil {
		problem = err.Error()
		return "", 0
	}
	req.Header = headers.Clone()
	res, err := s.client.Do(req)
	if err == nil {
		status = res.StatusCode
		_, err = io.Copy(io.Discard, res.Body)
		res.Body.Close()
	}
	switch {
	case err != nil && ctx.Err() != nil:
		problem = err.Error()
		return Cancelled, 0
	case err != nil:
		problem = err.Error()
		return "", 0
	case status < 200 || status > 299:
		return "", retryAfter(res.Header, time.Now())
	case res.Request.Method != http.MethodPost:
		return Redirected, 0
	}
	return Acknowledged, 0
}

// headers are those of every attempt, as captured from WAHA. Custom headers may
// replace its User-Agent, not what it says of the event.
func (s *Sender) headers(rec *Sent, body []byte) http.Header {
	h := http.Header{}
	h.Set("Accept", "application/json, text/plain, */*")
	h.Set("Accept-Encoding", "gzip, compress, deflate, br")
	h.Set("User-Agent", "WAHA/"+cmp.Or(rec.Event.Version, DefaultVersion))
	for _, c := range s.cfg.Headers {
		h.Set(c.Name, c.Value)
	}
	h.Set("Content-Type", "application/json")
	h.Set(waha.HeaderRequestID, rec.RequestID)
	h.Set(waha.HeaderTimestamp, strconv.FormatInt(rec.Event.At, 10))
	if s.cfg.HMACKey != "" {
		h.Set(waha.HeaderHmac, waha.Sign([]byte(s.cfg.HMACKey), body))
		h.Set(waha.HeaderHmacAlgorithm, "sha512")
	}
	return h
}

func (s *Sender) enter(ctx context.Context) bool {
	if s.slots == nil {
		return ctx.Err() == nil
	}
	select {
	case s.slots <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (s *Sender) leave() {
	if s.slots != nil {
		<-s.slots
	}
}

func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}

func (s *Sender) settle(rec *Sent, outcome Outcome) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rec.Outcome = outcome
	s.count.Pending--
	switch outcome {
	case Acknowledged:
		s.count.Acknowledged++
	case Redirected:
		s.count.Redirected++
	case Dropped:
		s.count.Dropped++
	case Cancelled:
		s.count.Cancelled++
	}
}

// forget keeps sent from growing for ever: it is cut to Keep when it has become
// twice as long. s.mu is held.
func (s *Sender) forget() {
	if s.cfg.Keep <= 0 || len(s.sent) < 2*s.cfg.Keep {
		return
	}
	old := len(s.sent) - s.cfg.Keep
	kept := make([]*Sent, 0, 2*s.cfg.Keep)
	for i, rec := range s.sent {
		if i >= old || rec.Outcome == Pending {
			kept = append(kept, rec)
		}
	}
	s.sent = kept
}

// Wait returns when nothing is under way any more.
func (s *Sender) Wait() { s.wg.Wait() }

// Sent is what became of the events so far, in the order of Send.
func (s *Sender) Sent() []Sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Sent, len(s.sent))
	for i, rec := range s.sent {
		all[i] = *rec
	}
	return all
}

// Stats counts every event so far, forgotten ones too.
func (s *Sender) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count
}
