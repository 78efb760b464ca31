package chaos

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"tandai/internal/waha"
)

// parcel is one delivery on its way to one door.
type parcel struct {
	said
	door   *door
	acked  atomic.Bool // a 200 was read to its end
	done   atomic.Bool // acknowledged or forgotten
	tries  int         // made so far; only its worker writes it
	last   string      // what the last of them came to
	forget bool        // the sender gives up after one failure, as one that is restarted
}

// door is where a node can be reached now, if it can.
type door struct {
	mu   sync.Mutex
	url  string
	news chan struct{} // closed when url changes
}

func newDoor() *door { return &door{news: make(chan struct{})} }

// lead sends the courier to url from now on; "" makes it wait.
func (d *door) lead(url string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.url = url
	close(d.news)
	d.news = make(chan struct{})
}

func (d *door) where() (string, <-chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.url, d.news
}

// answer is what a door said.
type answer struct {
	code       int
	retryAfter string
	Result     string `json:"result"`
	Reason     string `json:"reason"`
	EventID    string `json:"event_id"`
}

// courier delivers as WAHA does: many at a time, not in order, again and again
// until the answer is 2xx. What was acknowledged is never sent again.
type courier struct {
	client *http.Client
	rng    *rand.Rand // of the feeder alone
	queue  chan *parcel
	work   sync.WaitGroup
	feed   sync.WaitGroup

	mu      sync.Mutex
	parcels []*parcel
	answers map[int]int // by status code
	odd     []string    // answers that no door may give
}

// newCourier starts workers that deliver what is fed.
func newCourier(t testing.TB, rng *rand.Rand, workers int) *courier {
	c := &courier{
		rng: rand.New(rand.NewPCG(rng.Uint64(), 1)), queue: make(chan *parcel, 64), answers: map[int]int{},
		client: &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: workers}},
	}
	ctx, cancel := context.WithCancel(t.Context())
	for range workers {
		c.work.Go(func() {
			for p := range c.queue {
				c.deliver(ctx, p)
				p.done.Store(true)
			}
		})
	}
	t.Cleanup(func() { cancel(); c.client.CloseIdleConnections() })
	return c
}

// deliver tries until p is acknowledged, forgotten, or the test is over.
func (c *courier) deliver(ctx context.Context, p *parcel) {
	for ctx.Err() == nil {
		url, news := p.door.where()
		if url == "" {
			select {
			case <-news:
			case <-ctx.Done():
			}
			continue
		}
		p.tries++
		a, err := c.post(ctx, url, p.body)
		switch {
		case err != nil:
			p.last = err.Error()
		case a.code == http.StatusOK:
			if a.EventID != p.id || !slices.Contains([]string{"stored", "known", "quarantined"}, a.Result) {
				c.strange("%v was answered %+v", p.said, a)
			}
			p.last = a.Result
			p.acked.Store(true)
		case a.code == http.StatusServiceUnavailable:
			p.last = a.Reason
			if a.retryAfter == "" {
				c.strange("503 without Retry-After: %+v", a)
			}
		default:
			c.strange("%v was answered %+v", p.said, a)
			return
		}
		if p.acked.Load() || p.forget {
			return
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
		}
	}
}

// post makes one attempt and reads the answer to its end.
func (c *courier) post(ctx context.Context, url string, body []byte) (a answer, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/webhooks/waha", bytes.NewReader(body))
	if err != nil {
		return a, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set(waha.HeaderHmac, waha.Sign([]byte(hmacKey), body))
	req.Header.Set(waha.HeaderHmacAlgorithm, "sha512")
	res, err := c.client.Do(req)
	if err != nil {
		return a, err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return a, err
	}
	a.code, a.retryAfter = res.StatusCode, res.Header.Get("Retry-After")
	c.mu.Lock()
	c.answers[a.code]++
	c.mu.Unlock()
	if err := json.Unmarshal(text, &a); err != nil {
		c.strange("%d with no JSON: %q", a.code, text)
	}
	return a, nil
}

func (c *courier) strange(format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.odd) < 10 {
		c.odd = append(c.odd, fmt.Sprintf(format, args...))
	}
}

// answered is how often a status code was answered so far.
func (c *courier) answered(code int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.answers[code]
}

// sent is every parcel so far.
func (c *courier) sent() []*parcel {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.parcels)
}

// add takes a parcel on and hands it to a worker.
func (c *courier) add(p *parcel) {
	c.mu.Lock()
	c.parcels = append(c.parcels, p)
	c.mu.Unlock()
	c.queue <- p
}
