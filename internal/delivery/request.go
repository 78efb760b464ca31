package delivery

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"tandai/internal/store"
	"tandai/internal/waha"
)

// Headers that are sent where a destination asks for them (Destination.Header).
const (
	HeaderEventID = "X-Tandai-Event-Id" // 64 hex digits: event_id of the log
	HeaderAttempt = "X-Tandai-Attempt"  // from 1
)

// answerBytes is how much of an answer is kept.
const answerBytes = 512

// requestID is the same for every attempt of a delivery, and for no other: what
// a destination may know repetitions by. WAHA's own are words of letters and
// digits too.
func requestID(destination, id string) string {
	sum := sha256.Sum256([]byte(destination + "\x00" + id))
	return strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:16]))
}

// newRequest makes the request as WAHA made it: its headers as far as they were
// kept, else such as it sends, and the body byte for byte unless enriched. Source: WAHA, WebhookPlugin.sender.ts.
func newRequest(ctx context.Context, d *Destination, c *store.Claimed, now time.Time) (*http.Request, error) {
	to := d.URL
	if c.URL != "" {
		to = c.URL
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(c.Body))
	if err != nil {
		return nil, errors.New("the address cannot be read") // it may hold a key
	}
	at := c.At
	if at == 0 {
		at = c.CreatedAt
	}
	h := req.Header
	h["Accept"] = []string{"application/json, text/plain, */*"}
	h["Content-Type"] = []string{"application/json"}
	h["User-Agent"] = []string{userAgent(c.Body)}
	h[waha.HeaderRequestID] = []string{requestID(c.Destination, c.ID)}
	h[waha.HeaderTimestamp] = []string{strconv.FormatInt(at, 10)}
	for name, value := range c.Headers {
		h.Set(name, value)
	}
	maps.Copy(h, d.Headers)
	// Not sent; it tells net/http that the request may be made again where the
	// destination closes a connection that was idle under it. A delivery may come
	// twice anyhow. Source: net/http, Transport.
	h["X-Idempotency-Key"] = []string{}
	if len(d.Key) > 0 {
		h[waha.HeaderHmac] = []string{waha.Sign(d.Key, c.Body)}
		h[waha.HeaderHmacAlgorithm] = []string{"sha512"}
	}
	if d.Header {
		h[HeaderEventID] = []string{c.ID}
		h[HeaderAttempt] = []string{strconv.Itoa(c.Attempts + 1)}
	}
	return req, nil
}

// userAgent is WAHA's, whose version is in the body's environment.
func userAgent(body []byte) string {
	const none = "WAHA"
	i := bytes.LastIndex(body, []byte(`"environment":{"version":"`))
	if i < 0 {
		return none
	}
	rest := body[i+len(`"environment":{"version":"`):]
	end := bytes.IndexByte(rest, '"')
	if end < 1 || end > 32 {
		return none
	}
	for _, c := range rest[:end] {
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '.' && c != '-' && c != '_' {
			return none
		}
	}
	return "WAHA/" + string(rest[:end])
}

// enrichment is what an enriched delivery has beside the envelope, as `tandai`.
type enrichment struct {
	EventID   string `json:"event_id"`
	Session   string `json:"session"`
	Client    string `json:"client,omitempty"`
	CS        string `json:"cs_number,omitempty"`
	Lead      string `json:"lead,omitempty"`
	LabelName string `json:"label_name,omitempty"`
}

// enrich adds the member `tandai` at the end of an object; what is no object
// stays as it is.
func enrich(body []byte, e enrichment) ([]byte, error) {
	end := bytes.LastIndexByte(body, '}')
	if end < 0 || !json.Valid(body) || bytes.TrimLeft(body, " \t\r\n")[0] != '{' {
		return body, nil
	}
	more, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	head := bytes.TrimRight(body[:end], " \t\r\n")
	out := append(make([]byte, 0, len(body)+len(more)+16), head...)
	if head[len(head)-1] != '{' {
		out = append(out, ',')
	}
	out = append(append(append(out, `"tandai":`...), more...), '}')
	return append(out, body[end+1:]...), nil
}

// post makes one attempt. pause is what the destination asked to wait.
func post(ctx context.Context, client *http.Client, d *Destination, c *store.Claimed, now func() time.Time) (a store.Attempt, pause time.Duration) {
	started := now()
	a = store.Attempt{N: c.Attempts + 1, At: started.UnixMilli()}
	defer func() { a.DurationMs = now().Sub(started).Milliseconds() }()
	req, err := newRequest(ctx, d, c, started)
	if err != nil {
		a.Error = err.Error()
		return a, 0
	}
	res, err := client.Do(req)
	if err != nil {
		a.Error = reason(ctx, err)
		return a, 0
	}
	defer res.Body.Close()
	a.Status = res.StatusCode
	text, err := io.ReadAll(io.LimitReader(res.Body, answerBytes))
	if err == nil { // what is left is read, so that the connection can be used again
		_, err = io.CopyN(io.Discard, res.Body, 16<<10)
	}
	a.Answer = strings.ReplaceAll(strings.ToValidUTF8(string(text), "�"), "\x00", "�")
	switch {
	case a.Status >= 200 && a.Status < 300:
		// What follows the status changes nothing: it has been taken.
	case a.Status >= 300 && a.Status < 400:
		a.Error = "a redirect, which is not followed: give the address it leads to"
	case err != nil && !errors.Is(err, io.EOF):
		a.Error = "status " + strconv.Itoa(a.Status) + ", then " + reason(ctx, err)
	default:
		a.Error = "status " + strconv.Itoa(a.Status)
	}
	return a, retryAfter(res.Header, now())
}

// reason is why no answer came, without the address: its path may be a secret.
func reason(ctx context.Context, err error) string {
	if errors.Is(context.Cause(ctx), errTimeout) {
		return errTimeout.Error()
	}
	var with *url.Error
	if errors.As(err, &with) {
		err = with.Err
	}
	return err.Error()
}

var errTimeout = errors.New("no answer in time")
