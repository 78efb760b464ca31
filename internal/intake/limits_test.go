package intake

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"tandai/internal/inbox"
)

// raw is a connection on which a test writes what it wants.
type raw struct {
	net.Conn
	wd *world
	in *bufio.Reader
}

func (wd *world) dial() *raw {
	wd.t.Helper()
	c, err := net.Dial("tcp", wd.http.Listener.Addr().String())
	if err != nil {
		wd.t.Fatal(err)
	}
	wd.t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(20 * time.Second))
	return &raw{Conn: c, wd: wd, in: bufio.NewReader(c)}
}

// head writes a signed request's head with the given Content-Length.
func (c *raw) head(body []byte, length int, more string) {
	fmt.Fprintf(c, "POST /webhooks/waha HTTP/1.1\r\nHost: x\r\nX-Webhook-Hmac: %s\r\nContent-Length: %d\r\n%s\r\n",
		sign(body)["X-Webhook-Hmac"][0], length, more)
}

func (c *raw) answer() response {
	c.wd.t.Helper()
	res, err := http.ReadResponse(c.in, nil)
	if err != nil {
		c.wd.t.Fatalf("no answer: %v", err)
	}
	return c.wd.read(res)
}

// gone waits for the door to hang up.
func (c *raw) gone() {
	c.wd.t.Helper()
	if rest, err := io.ReadAll(c.in); err != nil && !isReset(err) || len(rest) > 0 {
		c.wd.t.Errorf("the connection is not closed: %v, %d bytes", err, len(rest))
	}
}

func isReset(err error) bool { return strings.Contains(err.Error(), "reset") }

func TestDoor_Size(t *testing.T) {
	wd := newWorld(t, nil)
	pad := func(size int) []byte {
		head := `{"event":"label.upsert","session":"cs1","payload":{"name":"`
		return []byte(head + strings.Repeat("x", size-len(head)-3) + `"}}`)
	}
	for _, x := range []struct {
		name   string
		size   int
		status int
	}{
		{"a buffer's worth", smallBody, 200},
		{"the most allowed", 5 << 20, 200},
		{"one byte more", 5<<20 + 1, 413},
		{"6 MiB", 6 << 20, 413},
		{"20 MiB", 20 << 20, 413},
	} {
		body := pad(x.size)
		for _, chunked := range []bool{false, true} {
			if x.size > drainMost && chunked {
				continue // the sender may be hung up on
			}
			var r io.Reader = bytes.NewReader(body)
			if chunked {
				r = io.MultiReader(r)
			}
			got := wd.send("POST", "/webhooks/waha", r, sign(body))
			if got.status != x.status {
				t.Errorf("%s, chunked %v: %d %+v", x.name, chunked, got.status, got.Answer)
			}
		}
	}
	if got := wd.door.held.Load(); got != 0 {
		t.Errorf("%d bytes are held by nobody", got)
	}
}

func TestDoor_TooLargeIsRefusedBeforeItIsSent(t *testing.T) {
	wd := newWorld(t, nil)
	c := wd.dial()
	c.head(nil, 6<<20, "Expect: 100-continue\r\n")
	if got := c.answer(); got.status != 413 {
		t.Errorf("%d %+v", got.status, got.Answer)
	}
	c.gone()
}

func TestDoor_SlowSenders(t *testing.T) {
	const timeout = 150 * time.Millisecond
	wd := newWorld(t, func(c *Config) { c.ReadTimeout = timeout })
	body := event(1)
	for _, x := range []struct {
		name string
		send func(c *raw)
	}{
		{"nothing after the head", func(c *raw) { c.head(body, len(body), "") }},
		{"half of it", func(c *raw) { c.head(body, len(body), ""); c.Write(body[:50]) }},
		{"less than it said", func(c *raw) { c.head(body, len(body)+1, ""); c.Write(body) }},
		{"a byte now and then", func(c *raw) {
			c.head(body, len(body), "")
			for i := range 20 {
				if _, err := c.Write(body[i : i+1]); err != nil {
					return
				}
				time.Sleep(timeout / 10)
			}
		}},
		{"a chunk without its end", func(c *raw) {
			fmt.Fprintf(c, "POST /webhooks/waha HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab")
		}},
	} {
		t.Run(x.name, func(t *testing.T) {
			wd.t = t
			started := time.Now()
			c := wd.dial()
			x.send(c)
			got := c.answer()
			if got.status != 408 || got.header.Get("Connection") != "close" && !strings.Contains(got.Reason, "in time") {
				t.Errorf("%d %+v", got.status, got.Answer)
			}
			c.gone()
			if took := time.Since(started); took > 10*timeout {
				t.Errorf("cut off after %v, want about %v", took, timeout)
			}
		})
	}
	wd.t = t
	t.Run("too large and slow", func(t *testing.T) {
		wd.t = t
		c := wd.dial()
		c.head(body, 6<<20, "")
		c.Write(body)
		if got := c.answer(); got.status != 413 {
			t.Errorf("%d %+v", got.status, got.Answer)
		}
	})
	wd.t = t
	if n := len(wd.stored()); n != 0 {
		t.Errorf("%d bodies stored of senders that did not send them", n)
	}
	if got := wd.post(body); got.status != 200 {
		t.Errorf("afterwards: %d %+v", got.status, got.Answer)
	}
	if wd.door.held.Load() != 0 || wd.door.inFlight.Load() != 0 {
		t.Errorf("%d bytes and %d requests are held by nobody", wd.door.held.Load(), wd.door.inFlight.Load())
	}
}

func TestDoor_BrokenOff(t *testing.T) {
	wd := newWorld(t, nil)
	body := event(1)
	c := wd.dial()
	c.head(body, len(body), "")
	c.Write(body[:len(body)-1])
	c.Conn.(*net.TCPConn).CloseWrite()
	if got := c.answer(); got.status != 503 || !strings.Contains(got.Reason, "to its end") {
		t.Errorf("%d %+v", got.status, got.Answer)
	}
	c.gone()
	for _, garbage := range []string{"zz\r\n", "5\r\nabcdefgh\r\n"} {
		c = wd.dial()
		fmt.Fprintf(c, "POST /webhooks/waha HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n%s", garbage)
		if got := c.answer(); got.status != 503 {
			t.Errorf("a malformed chunk: %d %+v", got.status, got.Answer)
		}
	}
	if n := len(wd.stored()); n != 0 {
		t.Errorf("%d bodies stored", n)
	}
}

func TestDoor_Connections(t *testing.T) {
	wd := newWorld(t, nil)
	one, two := event(1), event(2)
	t.Run("two requests in one write", func(t *testing.T) {
		wd.t = t
		c := wd.dial()
		var both bytes.Buffer
		rw := &raw{Conn: writeTo{&both}, wd: wd}
		for _, body := range [][]byte{one, two} {
			rw.head(body, len(body), "")
			both.Write(body)
		}
		c.Write(both.Bytes())
		for range 2 {
			if got := c.answer(); got.status != 200 || got.Result != "stored" {
				t.Errorf("%d %+v", got.status, got.Answer)
			}
		}
	})
	t.Run("a refused one does not spoil the next", func(t *testing.T) {
		wd.t = t
		c := wd.dial()
		for _, path := range []string{"/webhooks/waha/nobody", "/webhooks/waha"} {
			fmt.Fprintf(c, "PUT %s HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello", path)
			c.answer()
		}
		c.head(one, len(one), "")
		c.Write(one)
		if got := c.answer(); got.Result != "known" {
			t.Errorf("%d %+v", got.status, got.Answer)
		}
	})
	t.Run("HTTP/1.0", func(t *testing.T) {
		wd.t = t
		c := wd.dial()
		fmt.Fprintf(c, "POST /webhooks/waha HTTP/1.0\r\nX-Webhook-Hmac: %s\r\nContent-Length: %d\r\n\r\n%s",
			sign(two)["X-Webhook-Hmac"][0], len(two), two)
		if got := c.answer(); got.Result != "known" {
			t.Errorf("%d %+v", got.status, got.Answer)
		}
		c.gone()
	})
	t.Run("HTTP/1.0 without a length", func(t *testing.T) {
		wd.t = t
		c := wd.dial()
		fmt.Fprintf(c, "POST /webhooks/waha HTTP/1.0\r\nX-Webhook-Hmac: %s\r\n\r\n%s", sign(two)["X-Webhook-Hmac"][0], two)
		if got := c.answer(); got.status != 401 {
			t.Errorf("%d %+v", got.status, got.Answer)
		}
	})
	t.Run("a shorter length than the body", func(t *testing.T) {
		wd.t = t
		c := wd.dial()
		c.head(one, len(one)-1, "")
		c.Write(one)
		if got := c.answer(); got.status != 401 {
			t.Errorf("%d %+v", got.status, got.Answer)
		}
	})
}

// writeTo is a net.Conn of which only Write is used.
type writeTo struct{ io.Writer }

func (writeTo) Read([]byte) (int, error)         { return 0, io.EOF }
func (writeTo) Close() error                     { return nil }
func (writeTo) LocalAddr() net.Addr              { return nil }
func (writeTo) RemoteAddr() net.Addr             { return nil }
func (writeTo) SetDeadline(time.Time) error      { return nil }
func (writeTo) SetReadDeadline(time.Time) error  { return nil }
func (writeTo) SetWriteDeadline(time.Time) error { return nil }

// slow is an inbox that answers when it is told to.
type slow struct {
	entered, leave chan struct{}
	put            func(inbox.Item) (bool, error)
}

func (s *slow) Put(ctx context.Context, it inbox.Item) (bool, error) {
	s.entered <- struct{}{}
	<-s.leave
	if err := ctx.Err(); err != nil {
		return false, err
	}
	return s.put(it)
}

func TestDoor_TooManyAtOnce(t *testing.T) {
	box := &slow{entered: make(chan struct{}), leave: make(chan struct{}), put: func(inbox.Item) (bool, error) { return false, nil }}
	wd := newWorld(t, func(c *Config) { c.Inbox, c.MaxInFlight = box, 3 })
	var wg sync.WaitGroup
	for n := range 3 {
		wg.Go(func() {
			if got := wd.post(event(n)); got.status != 200 {
				t.Errorf("%d %+v", got.status, got.Answer)
			}
		})
		<-box.entered
	}
	for n := range 5 {
		if got := wd.post(event(10 + n)); got.status != 503 || got.Result != "unavailable" || !strings.Contains(got.Reason, "more than 3 requests") {
			t.Errorf("%d %+v", got.status, got.Answer)
		}
	}
	if got := wd.send("GET", "/webhooks/waha", nil, nil); got.status != 405 {
		t.Errorf("another method while full: %d", got.status)
	}
	close(box.leave)
	wg.Wait()
	go func() { <-box.entered }()
	if got := wd.post(event(20)); got.status != 200 {
		t.Errorf("afterwards: %d %+v", got.status, got.Answer)
	}
}

func TestDoor_TooMuchAtOnce(t *testing.T) {
	box := &slow{entered: make(chan struct{}, 10), leave: make(chan struct{}), put: func(inbox.Item) (bool, error) { return false, nil }}
	wd := newWorld(t, func(c *Config) { c.Inbox, c.MaxHeldBytes = box, 3<<20 })
	large := bytes.Repeat([]byte(" "), 1<<20+1) // takes two
	var wg sync.WaitGroup
	wg.Go(func() {
		if got := wd.post(large); got.status != 200 {
			t.Errorf("%d %+v", got.status, got.Answer)
		}
	})
	<-box.entered
	if got := wd.post(large); got.status != 503 || !strings.Contains(got.Reason, "bytes are held") {
		t.Errorf("%d %+v", got.status, got.Answer)
	}
	wg.Go(func() {
		if got := wd.post(event(1)); got.status != 200 {
			t.Errorf("a small one beside it: %d %+v", got.status, got.Answer)
		}
	})
	<-box.entered
	close(box.leave)
	wg.Wait()
	if got := wd.door.held.Load(); got != 0 {
		t.Errorf("%d bytes are held by nobody", got)
	}
}

// TestDoor_SlowDisk: the time a sender has is for sending; a disk that is slower
// than that neither refuses it nor looks like a hang-up.
func TestDoor_SlowDisk(t *testing.T) {
	const timeout = 50 * time.Millisecond
	box := &slow{entered: make(chan struct{}, 1), leave: make(chan struct{}), put: func(inbox.Item) (bool, error) { return false, nil }}
	wd := newWorld(t, func(c *Config) { c.Inbox, c.ReadTimeout = box, timeout })
	time.AfterFunc(5*timeout, func() { close(box.leave) })
	if got := wd.post(event(1)); got.status != 200 {
		t.Errorf("%d %+v", got.status, got.Answer)
	}
}

// TestDoor_SenderHangsUp: what has arrived whole is stored even though nobody
// waits for the answer any more.
func TestDoor_SenderHangsUp(t *testing.T) {
	box := &slow{entered: make(chan struct{}), leave: make(chan struct{})}
	wd := newWorld(t, func(c *Config) {
		box.put = func(it inbox.Item) (bool, error) { return c.Inbox.Put(context.Background(), it) }
	})
	box.put = func(it inbox.Item) (bool, error) { return wd.box.Put(context.Background(), it) }
	wd.door.inbox = box
	body := event(1)
	c := wd.dial()
	c.head(body, len(body), "")
	c.Write(body)
	<-box.entered
	c.Conn.(*net.TCPConn).SetLinger(0)
	c.Close()
	time.Sleep(50 * time.Millisecond) // for the server to notice
	close(box.leave)
	for range 200 {
		if len(wd.stored()) == 1 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("what had arrived was not stored")
}

// TestDoor_NeverRedirects asks in every way a path can be written, raw, since
// clients clean paths too.
func TestDoor_NeverRedirects(t *testing.T) {
	wd := newWorld(t, nil)
	body := event(1)
	ours := map[string]int{
		"/webhooks/waha": 200, "/webhooks/waha/": 200, "//webhooks/waha": 200, "/webhooks//waha": 200, "/webhooks/waha//": 200,
		"/./webhooks/waha": 200, "/x/../webhooks/waha": 200, "/webhooks/x/../waha": 200, "/webhooks/waha/.": 200,
		"/webhooks/waha/x/..": 200, "/%77ebhooks/waha": 200, "/webhooks%2Fwaha": 200, "/webhooks/waha?x=1": 200,
		"/webhooks/waha?": 200, "///webhooks///waha///": 200, "/..//webhooks/waha": 200,
		"http://elsewhere/webhooks/waha": 200, "/webhooks/waha%20": 404, "/webhooks/": 404, "/webhooks": 404, "//webhooks": 404,
		"/webhooks/..waha": 404, "/webhooks/waha/%2e%2e/%2e%2e/webhooks": 404, "/webhooks/waha%00": 404, "/webhooks/waha/nobody/": 404,
	}
	for path, want := range ours {
		for _, method := range []string{"POST", "GET"} {
			c := wd.dial()
			fmt.Fprintf(c, "%s %s HTTP/1.1\r\nHost: x\r\nX-Webhook-Hmac: %s\r\nContent-Length: %d\r\n\r\n%s",
				method, path, sign(body)["X-Webhook-Hmac"][0], len(body), body)
			want := want
			if method == "GET" && want == 200 {
				want = 405
			}
			if got := c.answer(); got.status != want {
				t.Errorf("%s %s: %d %+v, want %d", method, path, got.status, got.Answer, want)
			}
			c.Close()
		}
	}
	for _, path := range []string{"/", "/webhook/waha", "/webhooksx", "/x/webhooks/waha", "/webhooks/../x"} {
		c := wd.dial()
		fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n", path)
		res, err := http.ReadResponse(c.in, nil)
		if err != nil {
			t.Fatal(err)
		}
		if want := http.StatusTeapot; res.StatusCode != want && path != "/webhooks/../x" {
			t.Errorf("%s: %d, want it left to the others", path, res.StatusCode)
		}
	}
}

func TestDoor_LogsNobody(t *testing.T) {
	wd := newWorld(t, func(c *Config) { c.MaxBody = 4 << 10 })
	const phone, text = "6281299900011", "Halo kak"
	body := sample(t, "24")
	wd.post(body)
	wd.post(body[:len(body)-1])
	wd.send("POST", "/webhooks/waha", bytes.NewReader(body), http.Header{"X-Webhook-Hmac": {phone}, "X-Webhook-Hmac-Version": {"2"}})
	wd.send("POST", "/webhooks/waha/"+phone, bytes.NewReader(body), sign(body))
	wd.send("PUT", "/webhooks/waha?"+phone, bytes.NewReader(body), sign(body))
	wd.post(bytes.Repeat([]byte(phone), 1000))
	wd.post([]byte(phone))
	wd.post([]byte(`{"event":"` + phone + `!","payload":1}`))
	wd.post([]byte(`{"event":"message","event":"` + phone + `"}`))
	wd.box.Close()
	wd.post(event(1))
	log := wd.log.String()
	for _, secret := range []string{phone, text, sampleKey} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds %q:\n%s", secret, log)
		}
	}
	for _, want := range []string{"status=401", "status=404", "status=405", "status=413", "status=503", "quarantine"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %q:\n%s", want, log)
		}
	}
	before := strings.Count(log, "\n")
	for range 100 {
		wd.send("GET", "/webhooks/waha", nil, nil)
	}
	if more := strings.Count(wd.log.String(), "\n") - before; more != 0 {
		t.Errorf("%d more lines for 100 refusals of a kind that was just logged", more)
	}
}

func TestMetrics(t *testing.T) {
	reg := prometheus.NewRegistry()
	wd := newWorld(t, func(c *Config) { c.Registerer = reg })
	count := func() map[string]float64 {
		got := map[string]float64{}
		families, err := reg.Gather()
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range families {
			if f.GetName() == "tandai_intake_requests_total" {
				for _, m := range f.Metric {
					got[m.Label[0].GetValue()] = m.Counter.GetValue()
				}
			}
		}
		return got
	}
	if got := count(); len(got) != int(results) {
		t.Errorf("%d results are reported at the start, want all %d: %v", len(got), results, got)
	}
	wd.post(event(1))
	wd.post(event(1))
	wd.post([]byte("x"))
	wd.send("GET", "/webhooks/waha", nil, nil)
	wd.send("POST", "/webhooks/waha", bytes.NewReader(event(2)), nil)
	wd.send("POST", "/webhooks/else", nil, nil)
	got := count()
	for result, want := range map[string]float64{"stored": 1, "known": 1, "quarantined": 1, "method_not_allowed": 1,
		"unauthorized": 1, "not_found": 1, "full": 0} {
		if got[result] != want {
			t.Errorf("%s: %v, want %v", result, got[result], want)
		}
	}
	problems, err := testutil.GatherAndLint(reg)
	if err != nil || len(problems) > 0 {
		t.Errorf("lint: %v, %v", problems, err)
	}
	if n, err := testutil.GatherAndCount(reg, "tandai_intake_durable_seconds"); n != 1 || err != nil {
		t.Errorf("%d histograms, %v", n, err)
	}
	if os.Getenv("TANDAI_SHOW_METRICS") != "" {
		families, _ := reg.Gather()
		t.Log(families)
	}
}
