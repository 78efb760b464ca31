package delivery

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"tandai/internal/store"
)

// lane is one destination at work. The desk owns it; only attempts run beside.
type lane struct {
	dest    Destination
	client  *http.Client
	metric  string // the destination as metrics know it
	url     bool   // not configured
	slots   chan struct{}
	breaker breaker

	wet     bool        // there may be something due
	inHand  int         // claimed, and not yet given to the database as a result
	probing bool        // the one in hand is the probe of an open breaker
	changed time.Time   // when the breaker last changed here
	shut    atomic.Bool // the breaker is open: what has a claim and no slot yet is not tried

	// held is when the destination, overburdened, wants to be asked again, Unix
	// ms: until then nothing is claimed or tried. Attempts set it themselves, so
	// that the next in line for their slot knows.
	held atomic.Int64
	told time.Time // until when it was known to be held when that was last logged

	averageMs float64 // of an attempt, lately

	done     int // in the running second …
	lastDone int // … and in the one before
	second   int64
}

// result is what became of one claimed delivery.
type result struct {
	lane    *lane
	claimed *store.Claimed
	attempt *store.Attempt // nil: untried
	asked   time.Duration  // to wait
}

func (s *Service) newLane(d Destination, client *http.Client, metric string, slots int) *lane {
	s.cfg.Metrics.begin(metric)
	return &lane{
		dest: d, client: client, metric: metric, url: metric == urlLabel, slots: make(chan struct{}, slots), wet: true,
		breaker: breaker{limit: s.cfg.BreakerAfter, pause: s.cfg.BreakerPause, max: s.cfg.BreakerMax},
	}
}

// maxInHand and maxBytes bound what a lane holds in memory.
const (
	maxInHand = 512
	maxBytes  = 8 << 20
)

// wants is how many deliveries to claim: enough for half a second at the pace of
// the last, so that a fast destination never waits for the database and a slow
// one holds no claims it cannot get to before they end.
func (l *lane) wants(now time.Time, timeout time.Duration) int {
	if now.Unix() != l.second {
		l.lastDone, l.done = l.done, 0
		if now.Unix() > l.second+1 {
			l.lastDone = 0
		}
		l.second = now.Unix()
	}
	window := min(maxInHand, max(cap(l.slots), l.lastDone/2, l.done/2))
	if l.averageMs < float64(timeout.Milliseconds())/8 {
		window = max(window, min(maxInHand, 4*cap(l.slots)))
	}
	if l.breaker.failures > 2 {
		window = cap(l.slots) // it may be gone: what is claimed is an attempt soon
	}
	return window - l.inHand
}

// hold tells the lane that its destination asked to be left alone.
func (l *lane) hold(now time.Time, asked time.Duration) {
	until := now.Add(min(asked, maxHold)).UnixMilli()
	for {
		is := l.held.Load()
		if is >= until || l.held.CompareAndSwap(is, until) {
			return
		}
	}
}

// holding reports whether the destination wants to be left alone.
func (l *lane) holding(now time.Time) bool { return now.UnixMilli() < l.held.Load() }

// attempt waits for a slot and makes one attempt. What would outlast its claim,
// or waits behind a breaker that opened or a destination that asked to wait, is
// given back.
func (s *Service) attempt(ctx, send context.Context, l *lane, c *store.Claimed, probe bool) {
	r := result{lane: l, claimed: c}
	select {
	case l.slots <- struct{}{}:
		defer func() { <-l.slots }()
		if ctx.Err() == nil && (probe || !l.shut.Load()) && !l.holding(s.cfg.Now()) && s.cfg.Now().Add(s.cfg.Timeout).UnixMilli() < c.LeaseUntil {
			ctx, cancel := context.WithTimeoutCause(send, s.cfg.Timeout, errTimeout)
			a, asked := post(ctx, l.client, &l.dest, c, s.cfg.Now)
			cancel()
			if a.Status != 0 || send.Err() == nil { // cut off by our own end: untried
				r.attempt, r.asked = &a, asked
				if asked > 0 && judge(a.Status) == bad {
					l.hold(s.cfg.Now(), asked)
				}
			}
		}
	case <-ctx.Done():
	}
	s.results <- r
}
