package rest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Config of a Client. URL is needed.
type Config struct {
	URL string // http(s)://host[:port][/base]
	Key string // X-Api-Key; "" sends none

	PerSession int           // requests at once per session, and as many for what is the server's; 0 = 4
	Timeout    time.Duration // of one request; 0 = 30 s. WAHA waits up to 15 s for a session to work, so less than 20 s is for tests

	Transport http.RoundTripper // nil = one of its own
	Now       func() time.Time  // nil = time.Now
	Metrics   *Metrics          // nil = nothing is counted
}

// Client talks to one WAHA server. It may be used by several goroutines.
type Client struct {
	base, shown string // with and without user and password
	key         string
	timeout     time.Duration
	places      int
	http        *http.Client
	now         func() time.Time
	limit       int64 // of an answer, bytes
	metrics     *Metrics

	mu    sync.Mutex
	slots map[string]chan struct{}
}

const (
	defaultTimeout = 30 * time.Second
	defaultPlaces  = 4
	maxAnswer      = 32 << 20
)

// New checks the configuration; nothing is asked yet.
func New(cfg Config) (*Client, error) {
	u, err := url.Parse(strings.TrimSpace(cfg.URL))
	switch {
	case err != nil:
		return nil, errors.New("the address of WAHA is not a URL, want http(s)://host[:port][/base]") // err would repeat a password in it
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "", u.RawQuery != "", u.Fragment != "":
		return nil, errors.New("the address of WAHA is not http(s)://host[:port][/base]")
	case cfg.PerSession < 0, cfg.Timeout < 0:
		return nil, fmt.Errorf("waha client: %d requests at once, timeout %s: neither may be negative", cfg.PerSession, cfg.Timeout)
	}
	for _, r := range cfg.Key {
		if r < ' ' || r > '~' {
			return nil, errors.New("the API key of WAHA has a character that no header can carry: is there a line break in it?")
		}
	}
	c := &Client{
		base:    strings.TrimRight(u.String(), "/"),
		key:     strings.TrimSpace(cfg.Key),
		timeout: cfg.Timeout,
		places:  cfg.PerSession,
		now:     cfg.Now,
		limit:   maxAnswer,
		metrics: cfg.Metrics,
		slots:   map[string]chan struct{}{},
	}
	c.shown = u.Scheme + "://" + u.Host
	if c.timeout == 0 {
		c.timeout = defaultTimeout
	}
	if c.places == 0 {
		c.places = defaultPlaces
	}
	if c.now == nil {
		c.now = time.Now
	}
	transport := cfg.Transport
	if transport == nil {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.MaxIdleConnsPerHost = 16
		t.IdleConnTimeout = 30 * time.Second
		transport = t
	}
	c.http = &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error {
		return http.ErrUseLastResponse // the key must not go along
	}}
	return c, nil
}

// Asked says when a read was asked for: what the answer shows was so at that
// time or later. Both are Unix ms.
type Asked struct {
	At   int64 // by our clock, just before the request went out
	Date int64 // by WAHA's Date header, seconds exact; 0 = it gave none
}

// tolerance is how far, in ms, our clock and WAHA's may be apart before WAHA's
// counts.
const tolerance = 2000

// ByWAHA is when the read was asked for by the clock that WAHA's events carry,
// Unix ms: by ours, or by WAHA's Date where the two are more than two seconds
// apart. answeredAt is when the answer was there, by our clock: Date is when WAHA
// answered, cut to the second, and a slow answer is no clock that is ahead.
func (a Asked) ByWAHA(answeredAt int64) int64 {
	took := max(0, answeredAt-a.At)
	behind := a.Date+999 < a.At-tolerance
	ahead := a.Date > a.At+took+tolerance
	switch {
	case a.Date == 0 || !behind && !ahead:
		return a.At
	case took > 1000:
		return a.Date - took
	}
	return a.Date
}

// op is one call: its name for errors, and what WAHA wants for it.
type op struct {
	name    string
	session string
	right   string // of a session-scoped key; "" = only a full key may, or none is needed
}

// answer is a 2xx.
type answer struct {
	status int
	body   []byte
	asked  Asked
}

// path joins segments, each escaped, below the base.
func path(segments ...string) string {
	var b strings.Builder
	for _, s := range segments {
		b.WriteByte('/')
		b.WriteString(url.PathEscape(s))
	}
	return b.String()
}

func (c *Client) get(ctx context.Context, o op, path string, query url.Values) (answer, error) {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return c.do(ctx, o, http.MethodGet, path, nil)
}

// do makes one request, in one of the session's places.
func (c *Client) do(ctx context.Context, o op, method, path string, body any) (got answer, err error) {
	var sent []byte
	if body != nil {
		if sent, err = json.Marshal(body); err != nil {
			return answer{}, o.invalid("it is no JSON: %v", err)
		}
	}
	leave, err := c.enter(ctx, o)
	if err != nil {
		return answer{}, err
	}
	defer leave()
	started := time.Now() // a duration of this machine's, whatever Now says
	defer func() { c.metrics.count(err, time.Since(started).Seconds()) }()
	timed, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(timed, method, c.base+path, bytes.NewReader(sent))
	if err != nil {
		return answer{}, o.invalid("no request can be made of it")
	}
	req.Header.Set("Accept", "application/json")
	if c.key != "" {
		req.Header.Set("X-Api-Key", c.key)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	asked := Asked{At: c.now().UnixMilli()}
	res, err := c.http.Do(req)
	if err != nil {
		return answer{}, c.unanswered(ctx, o, err)
	}
	defer res.Body.Close()
	read, err := io.ReadAll(io.LimitReader(res.Body, c.limit+1))
	if err != nil {
		return answer{}, c.unanswered(ctx, o, err)
	}
	if date, err := http.ParseTime(res.Header.Get("Date")); err == nil {
		asked.Date = date.UnixMilli()
	}
	a := answer{status: res.StatusCode, body: read, asked: asked}
	switch {
	case res.StatusCode < 200 || res.StatusCode > 299:
		return a, c.refused(o, res, read)
	case int64(len(read)) > c.limit:
		return a, o.garbled(res.StatusCode, "its answer is longer than %d MiB", c.limit>>20)
	}
	return a, nil
}

// enter waits for a place of the session. What is the server's has places of its own.
func (c *Client) enter(ctx context.Context, o op) (leave func(), err error) {
	c.mu.Lock()
	slots := c.slots[o.session]
	if slots == nil {
		slots = make(chan struct{}, c.places)
		c.slots[o.session] = slots
	}
	c.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, c.unanswered(ctx, o, err)
	}
	select {
	case slots <- struct{}{}:
		return func() { <-slots }, nil
	case <-ctx.Done():
		return nil, c.unanswered(ctx, o, ctx.Err())
	}
}

// decode reads an answer into v. What does not fit is told by its place, not by
// its content.
func (c *Client) decode(o op, a answer, v any) error {
	err := json.Unmarshal(a.body, v)
	if err == nil {
		return nil
	}
	var syntax *json.SyntaxError
	var typed *json.UnmarshalTypeError
	switch {
	case len(bytes.TrimSpace(a.body)) == 0:
		return o.garbled(a.status, "its answer is empty")
	case errors.As(err, &syntax) && syntax.Offset >= int64(len(a.body)):
		return o.garbled(a.status, "its answer ends after %d bytes, in the middle", len(a.body))
	case errors.As(err, &syntax):
		return o.garbled(a.status, "its answer is no JSON, at byte %d", syntax.Offset)
	case errors.As(err, &typed):
		return o.garbled(a.status, "its answer has the wrong shape: %s is %s", orWhole(typed.Field), typed.Value)
	}
	return o.garbled(a.status, "its answer has the wrong shape: %s", c.clean(err.Error()))
}

func orWhole(field string) string {
	if field == "" {
		return "the whole"
	}
	return field
}

// checkSession refuses what no WAHA session is called, before it becomes part of
// a path. Source: WAHA, src/nestjs/validation/SessionName.ts.
func (o op) checkSession() error {
	if o.session == "" {
		return o.invalid("no session is named")
	}
	for _, r := range o.session {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '_', r == '-':
		default:
			return o.invalid("that is no name of a WAHA session: letters, digits, _ and - only")
		}
	}
	return nil
}
