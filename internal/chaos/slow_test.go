package chaos

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"tandai/internal/waha"
)

// hung is a sender of its own connection that does not send all of its request.
type hung struct {
	conn net.Conn
	in   *bufio.Reader
	rest []byte // of the body, not sent yet
}

// dial connects to a serve.
func dial(t testing.TB, p *serve) net.Conn {
	t.Helper()
	conn, err := net.DialTimeout("tcp", strings.TrimPrefix(p.url, "http://"), patience)
	if err != nil {
		panic(err) // not t.Fatal: this may be another goroutine
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// hang begins a delivery: the whole head, and half of the body.
func hang(t testing.TB, p *serve, body []byte, headers ...string) *hung {
	t.Helper()
	h := &hung{conn: dial(t, p), rest: body[len(body)/2:]}
	h.in = bufio.NewReader(h.conn)
	head := fmt.Sprintf("POST /webhooks/waha HTTP/1.1\r\nHost: tandai\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s: %s\r\n%s: sha512\r\n",
		len(body), waha.HeaderHmac, waha.Sign([]byte(hmacKey), body), waha.HeaderHmacAlgorithm)
	for _, line := range headers {
		head += line + "\r\n"
	}
	if _, err := fmt.Fprintf(h.conn, "%s\r\n%s", head, body[:len(body)/2]); err != nil {
		t.Errorf("begin a delivery: %v", err)
	}
	return h
}

// answer waits for the answer; 0 when the connection ends without one, -1 when
// nothing comes in time.
func (h *hung) answer(most time.Duration) (code int, retryAfter string) {
	_ = h.conn.SetReadDeadline(time.Now().Add(most))
	res, err := http.ReadResponse(h.in, nil)
	var late net.Error
	switch {
	case err == nil:
		defer res.Body.Close()
		_, _ = io.Copy(io.Discard, res.Body) // its code is what counts
		return res.StatusCode, res.Header.Get("Retry-After")
	case errors.As(err, &late) && late.Timeout():
		return -1, ""
	}
	return 0, ""
}

// brief makes the time a sender has short enough for a test.
const brief = "intake: {read_timeout: 2s}\nshutdown_timeout: 10s\n"

// TestSlowSenders: who sends head or body byte by byte, or stops in the middle,
// is cut off, and holds nobody else up.
func TestSlowSenders(t *testing.T) {
	t.Parallel()
	rng, _ := seeded(t)
	n := newNode(t, setup{more: brief})
	s, c, d := newStory(rng, cast{sessions: 1, people: 10}), newCourier(t, rng, 4), newDoor()
	p := n.serve(t)
	d.lead(p.url)
	const most = 20 * time.Second // on a busy machine; it is 2 s

	var ends sync.WaitGroup
	// A byte of the head every now and then.
	ends.Go(func() {
		conn := dial(t, p)
		cut := make(chan struct{})
		go func() {
			_, _ = io.Copy(io.Discard, conn) // until the other side ends it
			close(cut)
		}()
		for started := time.Now(); ; {
			select {
			case <-cut:
				return
			case <-time.After(200 * time.Millisecond):
			}
			if _, err := conn.Write([]byte("X")); err != nil {
				return
			}
			if time.Since(started) > most {
				t.Error("a sender of an endless head is not cut off")
				return
			}
		}
	})
	// A byte of the body every now and then.
	ends.Go(func() {
		h := hang(t, p, make([]byte, 10_000))
		go func() {
			for _, b := range h.rest {
				time.Sleep(200 * time.Millisecond)
				if _, err := h.conn.Write([]byte{b}); err != nil {
					return
				}
			}
		}()
		if code, _ := h.answer(most); code != http.StatusRequestTimeout && code != 0 {
			t.Errorf("a sender of an endless body is answered %d, want 408 or an end", code)
		}
	})
	// Nothing after half of the body.
	ends.Go(func() {
		h := hang(t, p, make([]byte, 10_000))
		if code, _ := h.answer(most); code != http.StatusRequestTimeout && code != 0 {
			t.Errorf("a sender that hangs is answered %d, want 408 or an end", code)
		}
	})

	for range 100 {
		c.add(&parcel{said: s.next(), door: d})
	}
	c.finish(t, func() {})
	ends.Wait()
	p.drained()
	p.stop()
	settle(t, n, "", s, c.sent(), map[*door]map[string]kept{d: readInbox(t, n.inboxFile())})
}

// TestManyHungSenders lets more senders hang than may be held in memory: who
// sends all of a delivery is told at once to come back, and when those who hang
// are cut off the door is free again.
func TestManyHungSenders(t *testing.T) {
	t.Parallel()
	rng, _ := seeded(t)
	n := newNode(t, setup{more: "intake: {read_timeout: 10s}\n"})
	s, c, d := newStory(rng, cast{sessions: 1, people: 10}), newCourier(t, rng, 4), newDoor()
	p := n.serve(t)
	d.lead(p.url)
	p.until("the inbox is open", patience, func(r readiness) bool { return r.code == http.StatusOK })

	const held, more = 512, 88
	all := make([]*hung, held)
	many(held, func(i int) { all[i] = hang(t, p, aBody, "Expect: 100-continue") })
	for _, h := range all { // 100 says that its body is being read
		_ = h.conn.SetReadDeadline(time.Now().Add(patience))
		if line, err := h.in.ReadString('\n'); err != nil || !strings.Contains(line, "100") {
			t.Fatalf("a sender that may be held reads %q, %v; want 100 Continue", line, err)
		}
		if _, err := h.in.ReadString('\n'); err != nil {
			t.Fatal(err)
		}
	}
	rest := make([]*hung, more)
	many(more, func(i int) { rest[i] = hang(t, p, aBody) })
	for range 20 {
		a, err := c.post(t.Context(), p.url, s.next().body)
		if err != nil || a.code != http.StatusServiceUnavailable || a.retryAfter == "" {
			t.Fatalf("a whole delivery while %d hang = %+v, %v; want 503 with Retry-After", held+more, a, err)
		}
	}
	if code, _, err := get(t.Context(), p.url+"/healthz"); err != nil || code != http.StatusOK {
		t.Errorf("/healthz while the door is full = %d, %v", code, err)
	}
	for _, h := range rest {
		if code, after := h.answer(patience); code != 0 && (code != http.StatusServiceUnavailable || after == "") {
			t.Fatalf("a sender too many, that hangs, is answered %d, Retry-After %q; want 503 and a time, or an end", code, after)
		}
	}
	for _, h := range all {
		if code, _ := h.answer(patience); code != 0 && code != http.StatusRequestTimeout {
			t.Fatalf("a sender that hangs is answered %d, want 408 or an end", code)
		}
	}
	for range 100 {
		c.add(&parcel{said: s.next(), door: d})
	}
	c.finish(t, func() {})
	if v := p.metric("tandai_intake_requests_in_flight"); v != 0 {
		t.Errorf("%v requests are held after all have ended", v)
	}
	p.drained()
	p.stop()
	settle(t, n, "", s, c.sent(), map[*door]map[string]kept{d: readInbox(t, n.inboxFile())})
}

// aBody is something to send half of.
var aBody = []byte(`{"id":"evt_01m7y7kxw20v0km2vgc2kkzsdq","timestamp":1795237214082,"event":"label.chat.added","session":"cs1"}`)

// many does n things, a few at a time.
func many(n int, do func(i int)) {
	var all sync.WaitGroup
	for w := range 16 {
		all.Go(func() {
			for i := w; i < n; i += 16 {
				do(i)
			}
		})
	}
	all.Wait()
}
